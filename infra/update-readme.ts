import { readFileSync, writeFileSync } from 'node:fs';
import { readmeSections, withSections } from './readme-sections.ts';

const readme = new URL('../README.md', import.meta.url);
writeFileSync(readme, withSections(readFileSync(readme, 'utf8'), readmeSections()));

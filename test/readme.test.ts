import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorCatalogue } from '../functions/core/error-catalogue.ts';
import { readmeSections, withSections } from '../infra/readme-sections.ts';

const readme = readFileSync('README.md', 'utf8');
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));

test('shows the state machine and the catalogues as they are ("npm run readme" writes them)', () => {
  expect(withSections(readme, readmeSections())).toBe(readme);
});

test('tells the figures of the benchmarks as they were written', () => {
  const { coldStart, query } = JSON.parse(readFileSync('test/bench/results.json', 'utf8'));

  for (const { what, medianMs } of coldStart.figures.rows) {
    expect(readme).toContain(`| ${what} | ${medianMs} ms |`);
  }
  for (const { what, medianMicroseconds } of query.figures.rows) {
    expect(readme).toContain(`| ${what} | ${medianMicroseconds} µs |`);
  }
});

test('has a row for every error name, and names no other', () => {
  const named = readme.matchAll(/^\| `((?:Import|Feishu|Input|Profile|Internal)\.\w+)`/gm);

  expect([...named].map(([, name]) => name)).toEqual(Object.keys(errorCatalogue));
});

test('draws every transition of the state machine', () => {
  const arrows = readmeSections()['state machine']?.match(/ --> /g);

  // one from the start, one to each end, and eight between the states
  expect(arrows).toHaveLength(1 + 3 + 8);
});

test('refuses a README that has lost a place', () => {
  expect(() => withSections(readme.replace('<!-- errors:', ''), readmeSections())).toThrow(
    'no place for "errors"',
  );
});

test('names the command of the main job and the command of the tests on its first screen', () => {
  const [first = ''] = readme.split('\n## ');

  expect(first).toContain('npm ci && npm run demo');
  expect(first).toContain('npm ci && npm test');
});

test('names only scripts that there are', () => {
  const named = [...readme.matchAll(/npm (?:run )?(\w[\w:-]*)/g)].map(([, name = '']) => name);

  expect(named.filter((name) => name !== 'ci' && !Object.hasOwn(scripts, name))).toEqual([]);
});

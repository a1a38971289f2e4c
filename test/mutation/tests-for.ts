import { existsSync } from 'node:fs';
import { basename } from 'node:path';

const ofTheStep = ['test/feishu', 'test/query-import.test.ts', 'test/contract'];

/** The tests that must tell when a file is wrong; first those that are the likeliest to, and fast. */
export function testsFor(file: string): string[][] {
  if (file.startsWith('functions/core/')) return [['test/core'], ofTheStep];
  const own = `test/feishu/${basename(file, '.ts')}.test.ts`;
  return existsSync(own) ? [[own], ofTheStep] : [ofTheStep];
}

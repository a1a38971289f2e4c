import { basename } from 'node:path';

const ofTheStep = ['test/feishu', 'test/query-import.test.ts', 'test/contract'];

/** Where a file's mutants are found soonest, if not by the tests of its own name. */
const soonest: Record<string, string> = {
  'api-codes': 'catalogues',
  'error-catalogue': 'catalogues',
  'import-notices': 'catalogues',
  'import-status': 'catalogues',
  failure: 'import-decision',
  'failure-messages': 'import-decision',
  jitter: 'polling-schedule',
  json: 'import-decision',
  answers: 'import-query',
};

/** The tests that must tell when a file is wrong, in the order of their haste. */
export function testsFor(file: string): string[][] {
  const name = basename(file, '.ts');
  const folder = file.startsWith('functions/core/') ? 'test/core' : 'test/feishu';
  const nearest = [`${folder}/${soonest[name] ?? name}.test.ts`];
  return folder === 'test/core' ? [nearest, [folder], ofTheStep] : [nearest, ofTheStep];
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isExecutionName, nameOfRun } from '../../functions/executions/execution-name.ts';

/** Few characters, so that names that could be mistaken for others come up; and lengths about the limit. */
const runs = fc.record({
  profile: fc.oneof(
    fc.stringMatching(/^[a1][a1-]{0,2}$/),
    fc.integer({ min: 10, max: 32 }).map((length) => 'a'.repeat(length)),
  ),
  ticket: fc.oneof(
    fc.stringMatching(/^[a1_-]{1,4}$/),
    fc.integer({ min: 60, max: 64 }).map((length) => '1'.repeat(length)),
  ),
  run: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 1_000_000 })),
});

test('names a run so that a person can find it', () => {
  expect(nameOfRun('default', '7369583175086912356', 2)).toBe('default_7369583175086912356_2');
});

test('keeps a name of 80 characters as it is', () => {
  const ticket = 't'.repeat(64);

  expect(nameOfRun('p'.repeat(13), ticket, 1)).toBe(`${'p'.repeat(13)}_${ticket}_1`);
});

test('hashes a longer one, and leaves its number readable', () => {
  const name = nameOfRun('p'.repeat(14), 't'.repeat(64), 12);

  expect(name).toMatch(/^_[0-9a-f]{64}_12$/);
});

test('names every run with 1 to 80 characters that CloudWatch logs', () => {
  fc.assert(
    fc.property(runs, ({ profile, ticket, run }) => {
      expect(nameOfRun(profile, ticket, run)).toMatch(/^[A-Za-z0-9_-]{1,80}$/);
    }),
  );
});

test('gives no two runs the same name', () => {
  const differentRuns = fc.uniqueArray(runs, {
    minLength: 50,
    maxLength: 200,
    selector: (run) => JSON.stringify(run),
  });

  fc.assert(
    fc.property(differentRuns, (different) => {
      const names = different.map(({ profile, ticket, run }) => nameOfRun(profile, ticket, run));

      expect(new Set(names).size).toBe(different.length);
    }),
  );
});

test.for([
  'default_7369583175086912356_1',
  '2f8b4c1e-0000-4000-8000-000000000000_5d1c',
  'nightly.import=42@home',
  '导入-1',
  'x'.repeat(80),
])('"%s" may be the name of an execution', (name) => {
  expect(isExecutionName(name)).toBe(true);
});

test.for([
  '',
  'x'.repeat(81),
  'two words',
  'line\n',
  'a:b',
  'a/b',
  'a*',
  'a,b',
  '%41',
  '\u0007',
  '\u0085',
  '\ud800',
])('%j is no name of an execution', (text) => {
  expect(isExecutionName(text)).toBe(false);
});

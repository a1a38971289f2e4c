import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findLastRun } from '../../functions/executions/last-run.ts';

/** Looks for the last of so many runs. */
async function look(runs: number, known?: number) {
  const looks: number[] = [];
  const last = await findLastRun(async (run) => {
    looks.push(run);
    return run <= runs;
  }, known);
  return { last, looks };
}

test.for([
  [0, undefined, [1]],
  [1, undefined, [1, 3, 2]],
  [1, 1, [2]],
  [2, 1, [2, 4, 3]],
  [7, 7, [8]],
] as const)(
  'of %i runs (known: %i) it finds the last by looking at %j',
  async ([runs, known, looks]) => {
    expect(await look(runs, known)).toEqual({ last: runs, looks });
  },
);

test('finds the last of 100 runs with 13 looks', async () => {
  const { last, looks } = await look(100, 1);

  expect(last).toBe(100);
  expect(looks).toHaveLength(13);
});

test('finds the last run whatever is known, with about twice the logarithm in looks', async () => {
  const cases = fc
    .tuple(fc.nat(100_000), fc.nat(100_000))
    .map(([one, other]) => ({ runs: Math.max(one, other), known: Math.min(one, other) }));

  await fc.assert(
    fc.asyncProperty(cases, async ({ runs, known }) => {
      const { last, looks } = await look(runs, known);

      expect(last).toBe(runs);
      expect(looks.length).toBeLessThanOrEqual(2 * Math.log2(runs - known + 1) + 1);
    }),
  );
});

test('asks of nothing that is known already', async () => {
  const { looks } = await look(10, 4);

  expect(Math.min(...looks)).toBe(5);
});

import { expect, test } from 'vitest';
import { onDemand } from '../../functions/credentials/on-demand.ts';

test('loads once for all who need it, and not before', async () => {
  let loads = 0;
  const load = onDemand(async () => ++loads);
  expect(loads).toBe(0);

  expect(await Promise.all([load(), load()])).toEqual([1, 1]);
  expect(await load()).toBe(1);
});

test('loads again after a failure', async () => {
  let loads = 0;
  const load = onDemand(async () => {
    if (++loads === 1) throw new Error('too many open files');
    return loads;
  });

  const first = await Promise.allSettled([load(), load()]);

  expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await load()).toBe(2);
});

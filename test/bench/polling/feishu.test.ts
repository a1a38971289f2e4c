import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFeishu } from './feishu.ts';

/** The moments at which the calls were let through, and what the others were told. */
function call(moments: number[]) {
  const feishu = createFeishu({ limited: true });
  const told = moments.map((moment) => [moment, feishu.answer(moment, 0)] as const);
  return {
    admitted: told.flatMap(([moment, { kind }]) => (kind === 'done' ? [moment] : [])),
    refused: told.flatMap(([moment, answer]) =>
      answer.kind === 'rate_limit' ? [{ moment, resetSeconds: answer.resetSeconds }] : [],
    ),
  };
}

const moments = fc
  .array(fc.nat(9000), { minLength: 2500, maxLength: 2500, size: 'max' })
  .map((centiseconds) => centiseconds.map((value) => value / 100).sort((a, b) => a - b));

test('lets through 50 in any second and 1,000 in any minute, and no more', () => {
  fc.assert(
    fc.property(moments, (calls) => {
      const { admitted, refused } = call(calls);
      const within = (moment: number, seconds: number) =>
        admitted.filter((time) => time > moment - seconds + 1e-6 && time <= moment).length;

      expect(Math.max(...admitted.map((moment) => within(moment, 1)))).toBeLessThanOrEqual(50);
      expect(Math.max(...admitted.map((moment) => within(moment, 60)))).toBeLessThanOrEqual(1000);
      expect(refused.length).toBeGreaterThan(0);
      for (const { moment } of refused) {
        expect(within(moment, 1) >= 50 || within(moment, 60) >= 1000).toBe(true);
      }
    }),
    { numRuns: 5 },
  );
});

test('whoever waits as long as it is told gets through if nobody else asks', () => {
  const burst = Array.from({ length: 51 }, () => 10);
  const [refusal] = call(burst).refused;

  const { admitted } = call([...burst, 10 + (refusal?.resetSeconds ?? 0)]);

  expect(refusal?.resetSeconds).toBe(1);
  expect(admitted).toHaveLength(51);
});

test('a refused call costs nothing of the limit', () => {
  const { admitted } = call([...Array(200).fill(10), ...Array(50).fill(11)]);

  expect(admitted).toHaveLength(100);
});

test.for([
  [-3.1, 'running'],
  [-3, 'done_without_token'],
  [-0.1, 'done_without_token'],
  [0, 'done'],
] as const)('%d s after the end the import is %s', ([secondsSinceDone, kind]) => {
  expect(createFeishu({ tokenDelaySeconds: 3 }).answer(100, secondsSinceDone)).toEqual({ kind });
});

test.for([
  [599, 'running'],
  [600, 'unavailable'],
  [719, 'unavailable'],
  [720, 'running'],
] as const)('at second %i of an outage from 600 to 720 it is %s', ([seconds, kind]) => {
  const feishu = createFeishu({ outage: { fromSeconds: 600, toSeconds: 720 } });

  expect(feishu.answer(seconds, -1)).toEqual({ kind });
});

import { expect, test } from 'vitest';
import {
  evenDurations,
  shareDone,
  weightedDurations,
  workloadNamed,
  workloads,
} from './workloads.ts';

test('what is scored is wide, and six', () => {
  const scored = workloads.filter((workload) => workload.scored);

  expect(scored).toHaveLength(6);
  expect(scored.filter(({ sigma }) => sigma < 0.5)).toEqual([]);
});

test.for(workloads.map((workload) => [workload.name, workload] as const))(
  'half of the imports "%s" are done at the median',
  ([, workload]) => {
    const done = shareDone(workload);

    expect(done(workload.medianSeconds)).toBeCloseTo(0.5, 6);
    expect(done(0)).toBe(0);
    expect(done(workload.medianSeconds * Math.exp(workload.sigma))).toBeCloseTo(0.8413, 4);
  },
);

test('weighted durations have the mean of the distribution', () => {
  const workload = workloadNamed('heavy tail');
  const durations = weightedDurations(workload, 1000);

  const weights = durations.reduce((sum, { weight }) => sum + weight, 0);
  const mean = durations.reduce((sum, one) => sum + one.weight * one.durationSeconds, 0);

  expect(weights).toBeCloseTo(1, 5);
  // of a log-normal: median × e^(σ² ÷ 2)
  expect(mean / (20 * Math.exp(1.6 ** 2 / 2))).toBeCloseTo(1, 2);
});

test('even durations are as many below any of them as the distribution says', () => {
  const workload = workloadNamed('mixed');
  const durations = evenDurations(workload, 100);

  const shares = durations.map(shareDone(workload));

  expect(shares[0]).toBeCloseTo(0.005, 6);
  expect(shares[49]).toBeCloseTo(0.495, 6);
  expect(shares[99]).toBeCloseTo(0.995, 6);
});

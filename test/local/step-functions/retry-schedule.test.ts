import { expect, test } from 'vitest';
import { type Retrier, retrySchedule } from '../../../infra/local/step-functions/retry-schedule.ts';

const seconds = (retriers: Retrier[], errors: string[], random = () => 0.5) =>
  errors.map(retrySchedule(retriers, random));

const five = (error: string) => Array.from({ length: 5 }, () => error);

test('doubles the interval from a second, three times, where it is told no more', () => {
  expect(seconds([{ ErrorEquals: ['A'] }], five('A'))).toEqual([1, 2, 4, undefined, undefined]);
});

test('stretches the interval by its rate up to its longest', () => {
  const retrier = { IntervalSeconds: 2, BackoffRate: 3, MaxDelaySeconds: 10, MaxAttempts: 4 };

  expect(seconds([{ ErrorEquals: ['A'], ...retrier }], five('A'))).toEqual([
    2,
    6,
    10,
    10,
    undefined,
  ]);
});

test('takes any part of the interval with full jitter', () => {
  const retrier: Retrier = { ErrorEquals: ['A'], IntervalSeconds: 8, JitterStrategy: 'FULL' };

  expect(seconds([retrier], ['A', 'A'], () => 0.25)).toEqual([2, 4]);
});

test('counts the attempts of each retrier apart', () => {
  const retriers = [
    { ErrorEquals: ['A'], MaxAttempts: 1 },
    { ErrorEquals: ['B'], MaxAttempts: 1 },
  ];

  expect(seconds(retriers, ['A', 'B', 'A'])).toEqual([1, 1, undefined]);
});

test('asks no later retrier once the first that matches has had its attempts', () => {
  const retriers = [{ ErrorEquals: ['A'], MaxAttempts: 0 }, { ErrorEquals: ['States.ALL'] }];

  expect(seconds(retriers, ['A', 'B'])).toEqual([undefined, 1]);
});

test.for([
  ['States.ALL', 'A', 1],
  ['States.ALL', 'States.Timeout', 1],
  ['States.ALL', 'States.DataLimitExceeded', undefined],
  ['States.TaskFailed', 'A', 1],
  ['States.TaskFailed', 'States.Timeout', undefined],
  ['States.Timeout', 'States.Timeout', 1],
  ['A', 'B', undefined],
] as const)('%s, on %s, waits %d', ([name, error, interval]) => {
  expect(seconds([{ ErrorEquals: [name] }], [error])).toEqual([interval]);
});

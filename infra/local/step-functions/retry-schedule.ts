export type Retrier = {
  ErrorEquals: string[];
  IntervalSeconds?: number;
  MaxAttempts?: number;
  BackoffRate?: number;
  MaxDelaySeconds?: number;
  JitterStrategy?: 'FULL' | 'NONE';
};

// States.ALL does not catch it: the same call would return as much again
export const dataLimitExceeded = 'States.DataLimitExceeded';

const matches = (names: string[], error: string) =>
  names.includes(error) ||
  (error !== dataLimitExceeded &&
    (names.includes('States.ALL') ||
      (names.includes('States.TaskFailed') && error !== 'States.Timeout')));

/**
 * Returns the seconds before the next attempt after an error, or `undefined` if there is none.
 * The first retrier that matches decides, each counts its own attempts.
 */
export function retrySchedule(retriers: Retrier[], random: () => number) {
  const counters = retriers.map((retrier) => ({ retrier, attempts: 0 }));

  return (error: string) => {
    const counter = counters.find(({ retrier }) => matches(retrier.ErrorEquals, error));
    if (!counter) return undefined;
    const { IntervalSeconds = 1, MaxAttempts = 3, BackoffRate = 2 } = counter.retrier;
    const { MaxDelaySeconds = Number.POSITIVE_INFINITY, JitterStrategy } = counter.retrier;
    if (counter.attempts >= MaxAttempts) return undefined;
    const seconds = Math.min(IntervalSeconds * BackoffRate ** counter.attempts, MaxDelaySeconds);
    counter.attempts += 1;
    return JitterStrategy === 'FULL' ? seconds * random() : seconds;
  };
}

import type { TaskState } from './definition.ts';
import { engineError } from './engine-error.ts';
import type { Attempt } from './executions.ts';
import type { FunctionOutcome } from './lambda.ts';
import { dataLimitExceeded, retrySchedule } from './retry-schedule.ts';
import { elapsedMs, leaveIfEnded, type Run, type TaskVisit, until } from './run.ts';

export type TaskOptions = {
  invoke: (functionArn: string, event: unknown) => Promise<FunctionOutcome>;
  pause: (run: Run, ms: number) => Promise<void>;
  countEvents: (run: Run, events: number) => void;
  timeoutError: () => Error;
};

export const scheduledAndStarted = 2;

const retryNow = 'Local.RetryNow';

/**
 * The Task whose retries are ours to wait for. The engine is left to call the function once more, for
 * it must put together a new event: time has passed since the last.
 */
export function taskAsOurs({ Retry: _, ...task }: TaskState) {
  const retrier = { ErrorEquals: [retryNow], IntervalSeconds: 0, MaxAttempts: 1_000_000 };
  return { ...task, Retry: [retrier] };
}

function enterTask(run: Run, { Retry = [] }: TaskState): TaskVisit {
  const attempts: Attempt[] = [];
  run.attempts.push(attempts);
  return { attempts, secondsToRetry: retrySchedule(Retry, Math.random) };
}

/** Returns what is done when the engine calls the function of a Task. */
export function createTaskRunner({ invoke, pause, countEvents, timeoutError }: TaskOptions) {
  async function attempt(run: Run, state: TaskState, input: unknown, attempts: Attempt[]) {
    const startedMs = elapsedMs(run);
    const current: Attempt = {
      input,
      startedMs,
      endedMs: undefined,
      output: undefined,
      error: undefined,
      cause: undefined,
    };
    attempts.push(current);
    if (attempts.length > 1) countEvents(run, scheduledAndStarted);
    leaveIfEnded(run);
    const timeoutMs = (state.TimeoutSeconds ?? Number.POSITIVE_INFINITY) * 1000;
    const outcome = await until(run, timeoutMs, invoke(state.Resource, input));
    Object.assign(current, outcome ?? { error: 'States.Timeout' });
    current.endedMs = elapsedMs(run);
    countEvents(run, 1);
    leaveIfEnded(run);
    return { ...current, isTimeout: !outcome };
  }

  return async (run: Run, state: TaskState, input: unknown) => {
    const visit = run.retrying ?? enterTask(run, state);
    run.retrying = undefined;
    const {
      output,
      error,
      cause = '',
      isTimeout,
    } = await attempt(run, state, input, visit.attempts);
    if (error === undefined) return output;

    const seconds = visit.secondsToRetry(error);
    if (seconds !== undefined) {
      await pause(run, seconds * 1000);
      run.retrying = visit;
      throw engineError(retryNow, error);
    }
    if (isTimeout) throw timeoutError();
    throw engineError(error, cause, { isFinal: error === dataLimitExceeded });
  };
}

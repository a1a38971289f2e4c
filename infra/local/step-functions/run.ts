import { engineError } from './engine-error.ts';
import type { Attempt, Execution, Visit } from './executions.ts';
import { longestTimerMs } from './longest-timer.ts';

/** A stay in a Task: what it has tried, and how long to wait before it may try again. */
export type TaskVisit = {
  attempts: Attempt[];
  /** Undefined where no retrier is left for such an error. */
  secondsToRetry: (error: string) => number | undefined;
};

/** What there is of an execution only while it runs. */
export type Run = {
  execution: Execution;
  visits: Visit[];
  events: number;
  /** Of states of which the engine has not yet told that it entered them. */
  attempts: Attempt[][];
  /** The visit of a Task that the engine is just calling the function of once more. */
  retrying: TaskVisit | undefined;
  /** Time that has passed for the execution, but not for us. */
  skippedMs: number;
  abort: () => void;
  /** Ends what the execution is waiting for. */
  release: (() => void) | undefined;
};

export function newRun(execution: Execution): Run {
  const visits: Visit[] = [];
  execution.visits = visits;
  return {
    execution,
    visits,
    events: 1,
    attempts: [],
    retrying: undefined,
    skippedMs: 0,
    abort: () => {},
    release: undefined,
  };
}

export const elapsedMs = ({ execution }: Run) => Date.now() - execution.startedAt;

/** Makes the engine leave an execution that has ended while it was waiting. */
export function leaveIfEnded({ execution }: Run) {
  if (execution.ending) throw engineError('ExecutionEnded', execution.name, { isFinal: true });
}

/** Settles with the work, or with `undefined` after a time or when the execution ends. */
export const until = <Result>(run: Run, ms: number, work?: Promise<Result>) =>
  new Promise<Result | undefined>((resolve) => {
    const settle = (result?: Result) => {
      clearTimeout(timer);
      if (run.release === release) run.release = undefined;
      resolve(result);
    };
    const release = () => settle();
    const timer = setTimeout(release, Math.min(ms, longestTimerMs));
    run.release = release;
    work?.then(settle);
  });

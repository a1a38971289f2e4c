import { elapsedMs, leaveIfEnded, type Run, until } from './run.ts';

export type TimeLapseOptions = {
  /** How many seconds pass in a second of waiting. */
  timeLapse: number;
  timeoutMs: number;
  onTimeout: (run: Run) => void;
};

/** Returns the pause of an execution, in real time or in less. */
export function createPause({ timeLapse, timeoutMs, onTimeout }: TimeLapseOptions) {
  return async (run: Run, ms: number) => {
    if (timeLapse === 1) {
      await until(run, ms);
      return leaveIfEnded(run);
    }
    const pausedAt = Date.now();
    const leftMs = timeoutMs - elapsedMs(run) - run.skippedMs;
    await until(run, Math.max(1, Math.min(ms, leftMs) / timeLapse));
    run.skippedMs += ms - (Date.now() - pausedAt);
    if (ms >= leftMs) onTimeout(run);
    leaveIfEnded(run);
  };
}

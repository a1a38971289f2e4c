import { memoryIn } from '../../functions/contract/query-step.ts';
import type { Memory } from '../../functions/core/import-decision.ts';
import { meaningWhileRunning } from '../../functions/core/import-status.ts';

/** Where an execution is, for a person who watches. */
export type WatchedStep = { words: string; queries: number; nextQueryAt: number | undefined };

/** `at` in milliseconds. Undefined for states that nothing happens in. */
export function watchedStep(state: string, input: unknown, at: number): WatchedStep | undefined {
  const memory = memoryIn(input);
  const { queries } = memory;
  switch (state) {
    case 'QueryImport':
      return { words: `query ${queries + 1}: asking Feishu`, queries, nextQueryAt: undefined };
    case 'WaitBeforeNextQuery':
      return {
        words: `query ${queries}: ${answerInWords(memory)}`,
        queries,
        nextQueryAt: at + memory.waitSeconds * 1000,
      };
    default:
      return undefined;
  }
}

function answerInWords({ jobStatus, rateLimits, transientFailures }: Memory): string {
  if (rateLimits > 0) return 'too many requests, waiting until the limit resets';
  if (transientFailures > 0) return 'no usable answer';
  return meaningWhileRunning(jobStatus).en;
}

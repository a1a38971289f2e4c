import type { HistoryEvent, HistoryEventType } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { plainInput } from '../contract/plain-input.ts';
import { memoryIn } from '../contract/query-step.ts';
import { type Memory, noMemory } from '../core/import-decision.ts';
import { meaningWhileRunning } from '../core/import-status.ts';
import { fieldsOf, isObject, parseJson } from '../core/json.ts';
import { secondsUntilFirstQuery } from '../core/polling-schedule.ts';

/** How far a running import is. */
export const progressSchema = z.object({
  queries: z.int(),
  /** -1 before Feishu has told one. */
  job_status: z.int(),
  meaning: z.string(),
  meaning_zh: z.string(),
  next_query_at: z.iso.datetime(),
});

export type Progress = z.output<typeof progressSchema>;

/** Before its first step an execution waits so long, whatever its input (infra/import.asl.json). */
export const firstWaitSeconds = 3;

/** How far an import is whose execution has just been started with an input. */
export function progressAtStart(startedAt: Date, input: unknown): Progress {
  return progressAfter(startedAt, secondsUntilAsked(input), noMemory);
}

/** Give or take the jitter. */
function secondsUntilAsked(input: unknown): number {
  const request = plainInput(input);
  if (!request) return firstWaitSeconds;
  const dueSeconds = secondsUntilFirstQuery({ ...request, elapsedSeconds: 0, jitter: 0.5 });
  return Math.max(firstWaitSeconds, Math.ceil(dueSeconds));
}

function progressAfter(
  from: Date,
  waitSeconds: number,
  { queries, jobStatus }: Pick<Memory, 'queries' | 'jobStatus'>,
): Progress {
  const meaning = meaningWhileRunning(jobStatus);
  return {
    queries,
    job_status: jobStatus,
    meaning: meaning.en,
    meaning_zh: meaning.zh,
    next_query_at: new Date(from.getTime() + waitSeconds * 1000).toISOString(),
  };
}

/** The query is on its way: what is remembered is the wait before it. */
const asking: HistoryEventType[] = ['TaskStateEntered', 'LambdaFunctionScheduled'];

/** Reads the newest events of a history, newest first; undefined where they do not say. */
export function progressOf(events: readonly HistoryEvent[]): Progress | undefined {
  for (const event of events) {
    const { timestamp, type } = event;
    if (timestamp === undefined) continue;
    if (type === 'ExecutionStarted') {
      const { input = '' } = event.executionStartedEventDetails ?? {};
      return progressAtStart(timestamp, parseJson(input));
    }
    const state = stateIn(event);
    if (state === undefined) continue;

    const memory = memoryIn(state);
    const remembersWait = isObject(fieldsOf(state).query);
    const wait = remembersWait ? memory.waitSeconds : secondsUntilAsked(state);
    return progressAfter(timestamp, type && asking.includes(type) ? 0 : wait, memory);
  }
  return undefined;
}

/** A retried query enters no state again, but every attempt is told what the first was told. */
const scheduledQuery = z.object({ state: z.unknown() });

function stateIn(event: HistoryEvent): unknown {
  const { stateEnteredEventDetails: entered, lambdaFunctionScheduledEventDetails: asked } = event;
  if (entered?.input !== undefined) return parseJson(entered.input);
  return asked?.input && scheduledQuery.safeParse(parseJson(asked.input)).data?.state;
}

import * as z from 'zod/mini';
import { type Decision, type Memory, noMemory } from '../core/import-decision.ts';
import { causeOf, failedOutput, isVerdictOfFeishu, succeededOutput } from './decided-outcome.ts';
import type { Subject } from './execution-input.ts';
import type { ImportOutput } from './outcome.ts';

const count = z.catch(z.int().check(z.nonnegative()), 0);
const pastSeconds = z.catch(z.number().check(z.nonnegative()), 0);

const rememberedQuery = z.pipe(
  z.object({
    job_status: z.catch(z.int(), noMemory.jobStatus),
    wait_seconds: count,
    queries: count,
    elapsed_seconds: pastSeconds,
    transient_failures: count,
    outage_since_seconds: pastSeconds,
    rate_limits: count,
    // since 0.2.0
    // -1 is what is remembered most often, and to catch a fault costs more than all the rest
    app_ticket_missed_at_seconds: z.catch(
      z.number().check(z.gte(noMemory.appTicketMissedAtSeconds)),
      noMemory.appTicketMissedAtSeconds,
    ),
    congestion: count,
  }),
  z.transform(
    (query): Memory => ({
      jobStatus: query.job_status,
      waitSeconds: query.wait_seconds,
      queries: query.queries,
      elapsedSeconds: query.elapsed_seconds,
      transientFailures: query.transient_failures,
      outageSinceSeconds: query.outage_since_seconds,
      rateLimits: query.rate_limits,
      appTicketMissedAtSeconds: query.app_ticket_missed_at_seconds,
      congestion: query.congestion,
    }),
  ),
);

/** The memory in a state's input (`$`), which is without one before the first query. */
export const stateWithMemory = z.pipe(
  z.catch(z.object({ query: z.catch(rememberedQuery, noMemory) }), { query: noMemory }),
  z.transform(({ query }) => query),
);

/** What the state machine hands to the query step; anything it remembers may be of an older version. */
export const queryEvent = z.pipe(
  z.object({
    execution_id: z.string(),
    started_at: z.pipe(
      z.iso.datetime({ offset: true }),
      z.transform((text) => Date.parse(text)),
    ),
    input: z.unknown(),
    state: stateWithMemory,
  }),
  z.transform((event) => ({
    executionId: event.execution_id,
    startedAt: event.started_at,
    input: event.input,
    memory: event.state,
  })),
);

/** What the query step answers: always the same fields, each always of the same type. */
export type QueryResult = {
  outcome: Decision['outcome'];
  /** -1 before any. */
  job_status: number;
  wait_seconds: number;
  error: string;
  cause: string;
  output: ImportOutput | Record<string, never>;
} & Record<
  | 'queries'
  | 'elapsed_seconds'
  | 'transient_failures'
  | 'outage_since_seconds'
  | 'rate_limits'
  /** -1 while none is missing. */
  | 'app_ticket_missed_at_seconds'
  | 'congestion',
  number
>;

export function queryResult(
  decision: Decision,
  subject: Subject & { onFailure?: 'fail' | 'return' },
): QueryResult {
  const { memory } = decision;
  const result: QueryResult = {
    outcome: decision.outcome,
    job_status: memory.jobStatus,
    wait_seconds: Math.max(memory.waitSeconds, 1),
    error: '',
    cause: '',
    output: {},
    queries: memory.queries,
    elapsed_seconds: memory.elapsedSeconds,
    transient_failures: memory.transientFailures,
    outage_since_seconds: memory.outageSinceSeconds,
    rate_limits: memory.rateLimits,
    app_ticket_missed_at_seconds: memory.appTicketMissedAtSeconds,
    congestion: memory.congestion,
  };
  if (decision.outcome === 'succeeded') {
    return { ...result, output: succeededOutput(decision, subject) };
  }
  if (decision.outcome === 'failed') {
    const { failure } = decision;
    return subject.onFailure === 'return' && isVerdictOfFeishu(failure.error)
      ? { ...result, outcome: 'succeeded', output: failedOutput(failure, memory, subject) }
      : {
          ...result,
          error: failure.error,
          cause: JSON.stringify(causeOf(failure, memory, subject)),
        };
  }
  return result;
}

import { type Decision, type Memory, noMemory } from '../core/import-decision.ts';
import { fieldsOf, integerIn, secondsIn } from '../core/json.ts';
import { causeOf, failedOutput, isVerdictOfFeishu, succeededOutput } from './decided-outcome.ts';
import type { ImportOutput } from './outcome.ts';
import type { Subject } from './plain-input.ts';

/**
 * The memory in a state's input (`$`), which is without one before the first query. An execution outlives
 * deployments, so an older memory must be understood: what is missing or broken counts as never remembered.
 */
export function memoryIn(state: unknown): Memory {
  const query = fieldsOf(fieldsOf(state).query);
  return {
    jobStatus: integerIn(query.job_status) ?? noMemory.jobStatus,
    waitSeconds: count(query.wait_seconds),
    queries: count(query.queries),
    elapsedSeconds: secondsIn(query.elapsed_seconds) ?? 0,
    transientFailures: count(query.transient_failures),
    outageSinceSeconds: secondsIn(query.outage_since_seconds) ?? 0,
    rateLimits: count(query.rate_limits),
    // since 0.2.0
    appTicketMissedAtSeconds:
      secondsIn(query.app_ticket_missed_at_seconds) ?? noMemory.appTicketMissedAtSeconds,
    congestion: count(query.congestion),
  };
}

function count(json: unknown): number {
  return Math.max(integerIn(json) ?? 0, 0);
}

/** What the state machine hands to the query step; anything it remembers may be of an older version. */
export type QueryEvent = {
  executionId: string;
  /** Milliseconds. */
  startedAt: number;
  input: unknown;
  memory: Memory;
};

/** Throws where the event is not what the state machine sends: then something is broken in us. */
export function readQueryEvent(event: unknown): QueryEvent {
  const { execution_id: executionId, started_at: startedAt, input, state } = fieldsOf(event);
  if (typeof executionId !== 'string') throw new TypeError('execution_id must be a string');
  if (input === undefined) throw new TypeError('input is missing');
  const isTime = typeof startedAt === 'string' && isoTime.test(startedAt);
  const milliseconds = isTime ? Date.parse(startedAt) : Number.NaN;
  if (Number.isNaN(milliseconds)) throw new TypeError('started_at must be a time in ISO 8601');
  return { executionId, startedAt: milliseconds, input, memory: memoryIn(state) };
}

/** One that says which zone it is of. */
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

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

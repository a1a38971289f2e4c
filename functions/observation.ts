import type { Answer } from './core/answer.ts';
import type { Decision } from './core/import-decision.ts';
import { meaningOfRefusal } from './core/refusal.ts';
import { embeddedMetrics, type Metric } from './embedded-metrics.ts';

/** One query, as the log and the metrics see it. It holds no secret and no text of Feishu's. */
export type Observation = {
  executionId: string;
  ticket: string | null;
  profile: string | null;
  /** Undefined where nobody was asked. */
  answer?: Answer | undefined;
  decision: Decision;
  /** What the step had waited for before. */
  waitedSeconds: number;
  durationMs: number;
};

/** A line in the log for each query: enough to find an import, and to ask Feishu's support about it. */
export function logEntry({
  executionId,
  ticket,
  profile,
  answer,
  decision,
  durationMs,
}: Observation): Record<string, unknown> {
  const { memory, outcome } = decision;
  return {
    message: answer ? 'query' : 'nothing asked',
    execution_id: executionId,
    ticket,
    profile,
    query: memory.queries,
    outcome,
    error: decision.outcome === 'failed' ? decision.failure.error : undefined,
    job_status: memory.jobStatus,
    code: answer?.kind === 'refusal' ? answer.code : undefined,
    http_status: answer && 'httpStatus' in answer ? answer.httpStatus : undefined,
    log_id: answer && 'logId' in answer ? answer.logId : undefined,
    reason: answer && 'reason' in answer ? answer.reason : undefined,
    wait_seconds: outcome === 'pending' ? memory.waitSeconds : undefined,
    elapsed_seconds: Math.round(memory.elapsedSeconds),
    duration_ms: Math.round(durationMs),
  };
}

/**
 * What AWS does not count, as a line of metrics; undefined where there is nothing to count. Lag is the
 * longest that the end can have gone unseen: the wait before this query.
 */
export function metricLine(
  { answer, decision, waitedSeconds }: Observation,
  namespace: string,
  nowMs: number,
): string | undefined {
  const { memory } = decision;
  const rateLimits: Metric[] = isRateLimit(answer)
    ? [{ name: 'RateLimits', unit: 'Count', value: 1 }]
    : [];

  const end: Metric[] =
    decision.outcome === 'pending'
      ? []
      : [
          { name: 'Imports', unit: 'Count', value: 1 },
          { name: 'QueriesPerImport', unit: 'Count', value: memory.queries },
          { name: 'SecondsToFinish', unit: 'Seconds', value: Math.round(memory.elapsedSeconds) },
          { name: 'Lag', unit: 'Seconds', value: waitedSeconds },
        ];
  const metrics = [...end, ...rateLimits];
  if (metrics.length === 0) return undefined;

  return embeddedMetrics(metrics, {
    namespace,
    nowMs,
    dimensions: [['outcome'], ['outcome', 'error']],
    properties: {
      outcome: outcomeOf(decision),
      error: decision.outcome === 'failed' ? decision.failure.error : 'none',
    },
  });
}

function isRateLimit(answer: Answer | undefined): boolean {
  return answer?.kind === 'refusal' && meaningOfRefusal(answer).kind === 'rate_limit';
}

function outcomeOf(decision: Decision): string {
  return decision.outcome === 'succeeded' && decision.warnings.length > 0
    ? 'incomplete'
    : decision.outcome;
}

/**
 * Writes both, as AWS runs the function. The runtime wraps whatever goes through the console in JSON
 * of its own, where no metric would be found: those go past it.
 */
export function observeInAws(namespace: string): (observation: Observation) => void {
  return (observation) => {
    console.info(logEntry(observation));
    const line = metricLine(observation, namespace, Date.now());
    if (line) process.stdout.write(`${line}\n`);
  };
}

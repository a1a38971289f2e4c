import * as z from 'zod';
import { subjectOf } from '../contract/execution-input.ts';
import { cause } from '../contract/outcome.ts';
import { adviceFor, type ErrorName, errorCatalogue } from '../core/error-catalogue.ts';
import { importStatus } from '../core/import-status.ts';
import { parseJson } from '../core/json.ts';
import type { Execution } from './executions.ts';
import type { Progress } from './progress.ts';

export type ImportResource = {
  id: string;
  ticket: string | null;
  profile: string | null;
  status: 'running' | 'succeeded' | 'failed' | 'timed_out' | 'cancelled';
  started_at: string;
  finished_at: string | null;
  progress?: Progress;
  error?: { name: ErrorName; job_status?: number | undefined; [key: string]: unknown };
  [key: string]: unknown;
};

/** What an execution means to a caller, however it ended. */
export function importResource(execution: Execution, progress?: Progress): ImportResource {
  const { ticket, profile } = subjectOf(parseJson(execution.input));
  const resource = {
    id: execution.id,
    ticket,
    profile,
    started_at: execution.startedAt.toISOString(),
    finished_at: execution.finishedAt?.toISOString() ?? null,
  };
  switch (execution.status) {
    case 'SUCCEEDED':
      return { ...resource, ...endOfOutput(execution) };
    case 'FAILED':
      return { ...resource, ...endOfFailure(execution) };
    case 'TIMED_OUT':
      return { ...resource, status: 'timed_out', error: timedOutByAws(ticket) };
    case 'ABORTED':
      return { ...resource, status: 'cancelled' };
    default:
      return { ...resource, status: 'running', ...(progress && { progress }) };
  }
}

/**
 * Whether Feishu has decided, so that asking again changes nothing: there is a document, or a
 * documented `job_status` that says why there is none.
 */
export function isDecided({ status, error }: ImportResource): boolean {
  if (status === 'succeeded') return true;
  if (status !== 'failed' || error?.job_status === undefined) return false;
  const documented = importStatus(error.job_status);
  return documented.outcome === 'failed' && documented.error !== 'Import.UnknownStatus';
}

const output = z.looseObject({ status: z.enum(['succeeded', 'failed']) });

function endOfOutput({ output: text = '' }: Execution) {
  const { data } = output.safeParse(parseJson(text));
  return data ?? brokenEnd(text);
}

function endOfFailure({ error = '', cause: text = '' }: Execution) {
  const { data } = cause.safeParse(parseJson(text));
  if (!data || !isErrorName(error)) return brokenEnd([error, text].filter(Boolean).join(': '));

  const { job_status, queries, elapsed_seconds } = data;
  return {
    status: error === 'Import.TimedOut' ? ('timed_out' as const) : ('failed' as const),
    ...(job_status !== undefined && { job_status }),
    ...(queries !== undefined && { queries }),
    ...(elapsed_seconds !== undefined && { elapsed_seconds }),
    error: { name: error, ...data },
  };
}

/** An end that bears no name of ours: AWS's own, or somebody else's. Its text is kept. */
function brokenEnd(text: string) {
  const { retryable, reimport } = errorCatalogue['Internal.Error'];
  const advice = adviceFor('Internal.Error', 'tenant');
  return {
    status: 'failed' as const,
    error: {
      name: 'Internal.Error' as const,
      message: text || 'The execution failed and says nothing of why.',
      advice: advice.en,
      advice_zh: advice.zh,
      retryable,
      reimport,
    },
  };
}

/** The state machine's own time limit: the seat belt, which no import should ever reach. */
function timedOutByAws(ticket: string | null) {
  const { retryable, reimport } = errorCatalogue['Import.TimedOut'];
  const advice = adviceFor('Import.TimedOut', 'tenant');
  return {
    name: 'Import.TimedOut' as const,
    message: 'Step Functions ended the execution, which had run longer than any import may.',
    message_zh: '该执行超过了允许的最长时间，已被 Step Functions 终止。',
    advice: advice.en,
    advice_zh: advice.zh,
    ticket,
    retryable,
    reimport,
  };
}

function isErrorName(text: string): text is ErrorName {
  return Object.hasOwn(errorCatalogue, text);
}

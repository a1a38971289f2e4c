import * as z from 'zod';
import { subjectOf } from '../contract/execution-input.ts';
import { cause, type ImportError, type ImportOutput, importOutput } from '../contract/outcome.ts';
import { adviceFor, errorCatalogue } from '../core/error-catalogue.ts';
import { importStatus } from '../core/import-status.ts';
import { parseJson } from '../core/json.ts';
import type { Execution } from './executions.ts';
import { type Progress, progressSchema } from './progress.ts';

/** An import as the HTTP API tells of it. */
export const resourceSchema = z.object({
  id: z.string(),
  ...importOutput.shape,
  ticket: z.string().nullable(),
  profile: z.string().nullable(),
  status: z.enum(['running', 'succeeded', 'failed', 'timed_out', 'cancelled']),
  started_at: z.iso.datetime(),
  finished_at: z.iso.datetime().nullable(),
  progress: progressSchema.optional(),
});

export type ImportResource = z.output<typeof resourceSchema>;

/** What an execution means to a caller, however it ended. */
export function importResource(execution: Execution, progress?: Progress): ImportResource {
  const { ticket, profile } = subjectOf(parseJson(execution.input));
  const whose = { id: execution.id, ticket, profile };
  const times = {
    started_at: execution.startedAt.toISOString(),
    finished_at: execution.finishedAt?.toISOString() ?? null,
  };
  // whose it is stands first, and is what the input says
  const told = (end: ImportEnd) => ({ ...whose, ...end, ...whose, ...times });

  switch (execution.status) {
    case 'SUCCEEDED':
      return told(endOfOutput(execution, ticket));
    case 'FAILED':
      return told(endOfFailure(execution, ticket));
    case 'TIMED_OUT':
      return told({ status: 'timed_out', error: timedOutByAws(ticket) });
    case 'ABORTED':
      return told({ status: 'cancelled' });
    default:
      return { ...told({ status: 'running' }), ...(progress && { progress }) };
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

/** What the end of an execution adds to its resource. */
type ImportEnd = Omit<ImportOutput, 'status'> & Pick<ImportResource, 'status'>;

function endOfOutput({ output = '' }: Execution, ticket: string | null): ImportEnd {
  return importOutput.safeParse(parseJson(output)).data ?? brokenEnd(output, ticket);
}

function endOfFailure(
  { error: name = '', cause: text = '' }: Execution,
  ticket: string | null,
): ImportEnd {
  const { data } = cause.safeParse(parseJson(text));
  if (!data || !isOurs(name)) return brokenEnd([name, text].filter(Boolean).join(': '), ticket);

  const { job_status, queries, elapsed_seconds } = data;
  return {
    status: name === 'Import.TimedOut' ? 'timed_out' : 'failed',
    job_status,
    error: { name, ...data },
    queries,
    elapsed_seconds,
  };
}

/** An end that bears no name of ours: AWS's own, or somebody else's. Its text is kept. */
function brokenEnd(text: string, ticket: string | null): ImportEnd & { status: 'failed' } {
  const { retryable, reimport } = errorCatalogue['Internal.Error'];
  const advice = adviceFor('Internal.Error', 'tenant');
  return {
    status: 'failed',
    error: {
      name: 'Internal.Error',
      message: text || 'The execution failed and says nothing of why.',
      message_zh: '执行失败，且未给出本工作流的错误信息，详情见执行历史。',
      advice: advice.en,
      advice_zh: advice.zh,
      ticket,
      retryable,
      reimport,
    },
  };
}

/** The state machine's own time limit: the seat belt, which no import should ever reach. */
function timedOutByAws(ticket: string | null): ImportError {
  const { retryable, reimport } = errorCatalogue['Import.TimedOut'];
  const advice = adviceFor('Import.TimedOut', 'tenant');
  return {
    name: 'Import.TimedOut',
    message: 'Step Functions ended the execution, which had run longer than any import may.',
    message_zh: '该执行超过了允许的最长时间，已被 Step Functions 终止。',
    advice: advice.en,
    advice_zh: advice.zh,
    ticket,
    retryable,
    reimport,
  };
}

/** Also one that only another version of this project knows. */
function isOurs(error: string): boolean {
  return /^(Import|Feishu|Input|Profile|Internal)\.\w+$/.test(error);
}

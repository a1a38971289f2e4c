import * as z from 'zod';
import type { ErrorName } from '../core/error-catalogue.ts';
import type { Failure } from '../core/failure.ts';
import type { Decision, Memory } from '../core/import-decision.ts';
import type { Subject } from './execution-input.ts';

// The end of an execution as JSON: its output, or the Cause beside its Error.

/** What a Cause holds, in this order; what is not known is left out. */
export const cause = z.object({
  message: z.string(),
  message_zh: z.string().optional(),
  advice: z.string().optional(),
  advice_zh: z.string().optional(),
  ticket: z.string().nullish(),
  retryable: z.boolean(),
  reimport: z.boolean(),
  job_status: z.number().optional(),
  job_error_msg: z.string().optional(),
  conflict_code: z.number().optional(),
  code: z.number().optional(),
  msg: z.string().optional(),
  http_status: z.number().optional(),
  log_id: z.string().optional(),
  queries: z.number().optional(),
  elapsed_seconds: z.number().optional(),
});

export type Cause = z.output<typeof cause>;

/** A failure as a caller sees it: its name, and the keys of its Cause. */
export const importError = z.object({ name: z.string(), ...cause.shape });

export type ImportError = z.output<typeof importError>;

/** `type` and `url` are null where Feishu does not tell them. */
export const document = z.object({
  type: z.string().nullable(),
  token: z.string(),
  url: z.string().nullable(),
});

export const warning = z.object({
  code: z.string(),
  applies_to: z.string(),
  meaning: z.string(),
  meaning_zh: z.string(),
});

/**
 * What an execution that succeeded leaves. Read back, only its status is relied upon: another
 * version of this project may have written the rest.
 */
export const importOutput = z.object({
  ticket: z.string().nullish().catch(undefined),
  profile: z.string().nullish().catch(undefined),
  status: z.enum(['succeeded', 'failed']),
  job_status: z.number().optional().catch(undefined),
  complete: z.boolean().optional().catch(undefined),
  document: document.optional().catch(undefined),
  warnings: z.array(warning).optional().catch(undefined),
  error: importError.optional().catch(undefined),
  queries: z.number().optional().catch(undefined),
  elapsed_seconds: z.number().optional().catch(undefined),
});

export type ImportOutput = z.output<typeof importOutput>;

/** What `on_failure: "return"` returns: what Feishu says of the file, never a fault of anybody else's. */
export function isVerdictOfFeishu(error: ErrorName): boolean {
  return error.startsWith('Import.') && error !== 'Import.TimedOut';
}

export function succeededOutput(
  { document, warnings, memory }: Extract<Decision, { outcome: 'succeeded' }>,
  { ticket, profile }: Subject,
): ImportOutput {
  return {
    ticket,
    profile,
    status: 'succeeded',
    job_status: memory.jobStatus,
    complete: warnings.length === 0,
    document: { type: document.type ?? null, token: document.token, url: document.url ?? null },
    warnings: warnings.map(({ code, appliesTo, meaning }) => ({
      code,
      applies_to: appliesTo,
      meaning: meaning.en,
      meaning_zh: meaning.zh,
    })),
    queries: memory.queries,
    elapsed_seconds: Math.round(memory.elapsedSeconds),
  };
}

/** For callers who rather branch than catch (`on_failure: "return"`). */
export function failedOutput(failure: Failure, memory: Memory, subject: Subject): ImportOutput {
  return {
    ticket: subject.ticket,
    profile: subject.profile,
    status: 'failed',
    job_status: memory.jobStatus,
    error: { name: failure.error, ...causeOf(failure, memory, subject) },
    queries: memory.queries,
    elapsed_seconds: Math.round(memory.elapsedSeconds),
  };
}

export function causeOf(failure: Failure, memory: Memory, { ticket }: Subject): Cause {
  return {
    message: failure.message.en,
    message_zh: failure.message.zh,
    advice: failure.advice.en,
    advice_zh: failure.advice.zh,
    ticket,
    retryable: failure.retryable,
    reimport: failure.reimport,
    job_status: failure.jobStatus,
    job_error_msg: failure.jobErrorMsg,
    conflict_code: failure.conflictCode,
    code: failure.code,
    msg: failure.msg,
    http_status: failure.httpStatus,
    log_id: failure.logId,
    queries: memory.queries,
    elapsed_seconds: Math.round(memory.elapsedSeconds),
  };
}

import type { ErrorName } from '../core/error-catalogue.ts';
import type { Failure } from '../core/failure.ts';
import type { Decision, Memory } from '../core/import-decision.ts';
import type { Cause, ImportOutput } from './outcome.ts';
import type { Subject } from './plain-input.ts';

// The end of an execution as it is decided. The schemas that read it back are not loaded for it.

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

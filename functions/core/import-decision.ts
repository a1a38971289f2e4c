import type { Answer, NoAppTicket, RefusalAnswer, ResultAnswer } from './answer.ts';
import type { BilingualText } from './bilingual-text.ts';
import type { AccessToken } from './error-catalogue.ts';
import { type Failure, type FailureDetails, failure } from './failure.ts';
import {
  appTicketMissing,
  authorisationExpired,
  folderConflict,
  importFailed,
  noCredentials,
  refused,
  timedOut,
  tokenRefused,
  unavailable,
  unknownStatus,
} from './failure-messages.ts';
import { type ImportNotice, importNotice } from './import-notices.ts';
import { type ImportStatus, importStatus } from './import-status.ts';
import {
  isLastQuery,
  longestAppTicketWait,
  type ScheduleContext,
  schedule,
  secondsUntilFirstQuery,
  waitForAppTicket,
  waitOutRateLimit,
  waitThroughOutage,
  waitWhilePending,
} from './polling-schedule.ts';
import { meaningOfRefusal } from './refusal.ts';

/** What an execution remembers from one query to the next. */
export type Memory = {
  /** How often Feishu was asked. */
  queries: number;
  /** The last one that Feishu told; -1 before any. */
  jobStatus: number;
  /** At the last step. */
  elapsedSeconds: number;
  /** The wait that the last step asked for: time that has passed since, whatever a clock says. */
  waitSeconds: number;
  /** Transient failures in a row, and the elapsed seconds at the first of them. */
  transientFailures: number;
  outageSinceSeconds: number;
  /** Rate limits that nothing but rate limits has followed. */
  rateLimits: number;
  /** The elapsed seconds when the `app_ticket` was first found missing; -1 while it is not. */
  appTicketMissedAtSeconds: number;
  /** Rate limits, less the good answers since. */
  congestion: number;
};

export const noMemory: Memory = {
  queries: 0,
  jobStatus: -1,
  elapsedSeconds: 0,
  waitSeconds: 0,
  transientFailures: 0,
  outageSinceSeconds: 0,
  rateLimits: 0,
  appTicketMissedAtSeconds: -1,
  congestion: 0,
};

export type DecisionContext = {
  ticket: string;
  elapsedSeconds: number;
  timeoutSeconds: number;
  expectedSeconds: number | undefined;
  /** How long nothing but transient failures is borne with. */
  outageSeconds: number;
  accessToken: AccessToken;
  jitter: number;
};

export type Document = { type: string | undefined; token: string; url: string | undefined };

export type Decision = { memory: Memory } & (
  | { outcome: 'succeeded'; document: Document; warnings: ImportNotice[] }
  | { outcome: 'pending' }
  | { outcome: 'failed'; failure: Failure }
);

/**
 * Seconds since the start. It never goes backwards, and never stands still: a wait that the state
 * machine was asked for has passed, even if the clock was set back meanwhile.
 */
export function elapsedSeconds(secondsByClock: number, memory: Memory): number {
  return Math.max(secondsByClock, memory.elapsedSeconds + memory.waitSeconds, 0);
}

/** What a step says whose query is not due yet; undefined: it is. */
export function decideUnasked(
  remembered: Memory,
  context: Pick<
    DecisionContext,
    'elapsedSeconds' | 'timeoutSeconds' | 'expectedSeconds' | 'jitter'
  >,
): Decision | undefined {
  const waitSeconds = remembered.queries > 0 ? 0 : Math.ceil(secondsUntilFirstQuery(context));
  if (waitSeconds <= 0) return undefined;
  const { elapsedSeconds } = context;
  return { outcome: 'pending', memory: { ...remembered, waitSeconds, elapsedSeconds } };
}

/**
 * What an answer means for the execution. Whatever the answer, it ends the import or leaves it pending
 * with a wait of whole seconds; nothing unknown polls for ever or counts as success.
 */
export function decide(answer: Answer, remembered: Memory, context: DecisionContext): Decision {
  const asked: Memory = {
    ...remembered,
    queries: remembered.queries + 1,
    elapsedSeconds: context.elapsedSeconds,
    waitSeconds: 0,
  };
  switch (answer.kind) {
    case 'result':
      return decideResult(answer, asked, context);
    case 'refusal':
      return decideRefusal(answer, asked, context);
    case 'no_answer': {
      const { reason, reasonZh = `网络错误（${reason}）` } = answer;
      return bearOutage(
        { en: reason, zh: reasonZh },
        { httpStatus: answer.httpStatus },
        asked,
        context,
      );
    }
    case 'no_app_ticket':
      return awaitAppTicket(answer, asked, context);
    case 'authorisation_expired': {
      const message = authorisationExpired({ en: answer.reason, zh: answer.reasonZh });
      const details = { accessToken: context.accessToken };
      return fail(
        failure('Feishu.AuthorisationExpired', message, details),
        unasked(asked, remembered),
      );
    }
    case 'no_profile': {
      const { reason, reasonZh = reason } = answer;
      const message = noCredentials({ en: reason, zh: reasonZh });
      return fail(failure('Profile.Unknown', message), unasked(asked, remembered));
    }
  }
}

function decideResult(answer: ResultAnswer, asked: Memory, context: DecisionContext): Decision {
  const { jobErrorMsg, token, httpStatus, logId } = answer;
  const jobStatus = Number.isInteger(answer.jobStatus) ? answer.jobStatus : undefined;

  if (answer.ticket !== undefined && answer.ticket !== context.ticket) {
    const reason = {
      en: 'Feishu answered about another ticket',
      zh: '飞书返回了其他任务的结果',
    };
    return bearOutage(reason, { httpStatus, logId }, asked, context);
  }

  const congestion = Math.max(Math.min(asked.congestion, schedule.mostCongestion) - 1, 0);
  const memory = { ...calm(asked), congestion, jobStatus: jobStatus ?? asked.jobStatus };
  // Feishu may answer without a result, without a status, or with 0 before the document is there
  if (jobStatus === undefined) return bePending(memory, context, { httpStatus, logId });

  const status = importStatus(jobStatus);
  if (status.outcome === 'failed') {
    const details = { jobStatus, jobErrorMsg, httpStatus, logId, accessToken: context.accessToken };
    return fail(importFailure(status, details), memory);
  }
  if (status.outcome === 'succeeded' && token) {
    const { type, url, extra } = answer;
    const warnings = extra.map(importNotice);
    return { outcome: 'succeeded', document: { type, token, url }, warnings, memory };
  }
  return bePending(memory, context, { httpStatus, logId });
}

/** What Feishu says of an import that it has given up. */
function importFailure(
  status: Extract<ImportStatus, { outcome: 'failed' }>,
  details: FailureDetails & { jobStatus: number; accessToken: AccessToken },
): Failure {
  const { jobStatus, jobErrorMsg } = details;
  const conflictCode = jobStatus === 3 ? folderConflictIn(jobErrorMsg) : undefined;
  if (conflictCode !== undefined) {
    const message = folderConflict(conflictCode);
    return failure('Import.FolderConflict', message, { ...details, conflictCode });
  }
  const isKnown = status.error !== 'Import.UnknownStatus';
  const message = isKnown ? importFailed(status.meaning, jobStatus) : unknownStatus(jobStatus);
  return failure(status.error, message, details);
}

function decideRefusal(answer: RefusalAnswer, asked: Memory, context: DecisionContext): Decision {
  const { code, msg, httpStatus, logId, missingScopes, retryAfterSeconds } = answer;
  const refusal = meaningOfRefusal(answer);
  const details = { code, msg, httpStatus, logId, accessToken: context.accessToken };

  switch (refusal.kind) {
    case 'rate_limit': {
      if (isLast(asked, context)) return timeOut(asked, context, details);
      const memory = {
        ...calm(asked),
        rateLimits: asked.rateLimits + 1,
        congestion: Math.min(asked.congestion + 1, schedule.mostCongestion),
      };
      const wait = waitOutRateLimit(
        retryAfterSeconds,
        memory.rateLimits,
        scheduleContext(memory, context),
      );
      return { outcome: 'pending', memory: { ...memory, waitSeconds: wait } };
    }
    case 'transient':
      return bearOutage(refusal.meaning, details, asked, context, retryAfterSeconds);
    case 'token_refused': {
      const message = tokenRefused(refusal.meaning, code);
      return fail(failure('Feishu.TokenRejected', message, details), asked);
    }
    case 'permanent': {
      const { error, meaning, advice } = refusal;
      const scopes = missingScopes.length > 0 ? missingScopes : documentedScopes;
      const needed = error === 'Feishu.ScopeMissing' ? scopes : [];
      const message = refused(answer.asked, meaning, code, needed);
      return fail(failure(error, message, { ...details, advice }), asked);
    }
  }
}

function bePending(memory: Memory, context: DecisionContext, details: FailureDetails): Decision {
  if (isLast(memory, context)) return timeOut(memory, context, details);
  const waitSeconds = waitWhilePending(scheduleContext(memory, context));
  return { outcome: 'pending', memory: { ...memory, waitSeconds } };
}

/** A transient failure: asked again, more and more rarely, until the outage has lasted too long. */
function bearOutage(
  reason: BilingualText,
  details: FailureDetails,
  asked: Memory,
  context: DecisionContext,
  retryAfterSeconds = 0,
): Decision {
  const outageSinceSeconds =
    asked.transientFailures > 0 ? asked.outageSinceSeconds : context.elapsedSeconds;
  const memory = {
    ...asked,
    outageSinceSeconds,
    transientFailures: asked.transientFailures + 1,
    rateLimits: 0,
  };
  const outageSecondsLeft = outageSinceSeconds + context.outageSeconds - context.elapsedSeconds;

  if (outageSecondsLeft <= 0 || isLast(memory, context)) {
    const message = unavailable(reason, {
      seconds: Math.round(context.elapsedSeconds - outageSinceSeconds),
      queries: memory.transientFailures,
    });
    return fail(failure('Feishu.Unavailable', message, details), memory);
  }
  const waitSeconds = waitThroughOutage(
    { failuresInARow: memory.transientFailures, retryAfterSeconds, outageSecondsLeft },
    scheduleContext(memory, context),
  );
  return { outcome: 'pending', memory: { ...memory, waitSeconds } };
}

/** Feishu pushes the ticket within seconds of being asked: longer than some minutes it is not coming. */
function awaitAppTicket(
  { reason, reasonZh }: NoAppTicket,
  asked: Memory,
  context: DecisionContext,
): Decision {
  const { elapsedSeconds } = context;
  const appTicketMissedAtSeconds =
    asked.appTicketMissedAtSeconds < 0 ? elapsedSeconds : asked.appTicketMissedAtSeconds;
  // somebody answered: an outage that there was is over
  const memory = { ...calm(asked), appTicketMissedAtSeconds };
  const waitedSeconds = elapsedSeconds - appTicketMissedAtSeconds;
  if (waitedSeconds >= longestAppTicketWait || isLast(memory, context)) {
    const message = appTicketMissing({ en: reason, zh: reasonZh }, Math.round(waitedSeconds));
    return fail(failure('Feishu.AppTicketMissing', message), memory);
  }
  const waitSeconds = waitForAppTicket(waitedSeconds, scheduleContext(memory, context));
  return { outcome: 'pending', memory: { ...memory, waitSeconds } };
}

function timeOut(memory: Memory, context: DecisionContext, details: FailureDetails): Decision {
  return fail(failure('Import.TimedOut', timedOut(context.timeoutSeconds), details), memory);
}

/** A failure tells the last status known, also where it is not the reason. */
function fail(why: Failure, memory: Memory): Decision {
  const jobStatus = why.jobStatus ?? (memory.jobStatus < 0 ? undefined : memory.jobStatus);
  return { outcome: 'failed', failure: { ...why, jobStatus }, memory };
}

/** Nobody was asked after all. */
function unasked(asked: Memory, { queries }: Memory): Memory {
  return { ...asked, queries };
}

/** Feishu answered as it should: what went wrong before is over. */
function calm(memory: Memory): Memory {
  return {
    ...memory,
    transientFailures: 0,
    outageSinceSeconds: 0,
    rateLimits: 0,
    appTicketMissedAtSeconds: -1,
  };
}

function isLast(memory: Memory, context: DecisionContext): boolean {
  return isLastQuery(scheduleContext(memory, context));
}

function scheduleContext(memory: Memory, context: DecisionContext): ScheduleContext {
  const { queries, congestion } = memory;
  return { ...context, queries, congestion };
}

/** Codes inside `job_error_msg` that name a conflict of concurrent imports (larksuite/cli, pull request 1751). */
export const folderConflicts = [232140101, 232140100, 233523001];

function folderConflictIn(jobErrorMsg = ''): number | undefined {
  const numbers = jobErrorMsg.match(/\d+/g)?.map(Number) ?? [];
  return numbers.find((number) => folderConflicts.includes(number));
}

/** Any one of them lets an app query (the API page of `import_task/get`). */
const documentedScopes = ['docs:document:import', 'drive:drive', 'drive:drive:readonly'];

/**
 * What came of asking Feishu once, parsed. Every text of Feishu's is cut to length and free of
 * secrets by now.
 */
export type Answer =
  | ResultAnswer
  | RefusalAnswer
  | NoAnswer
  | NoProfile
  | NoAppTicket
  | AuthorisationExpired;

/** Feishu told us of the task (`code` 0). A field that is missing or of a wrong type is undefined. */
export type ResultAnswer = {
  kind: 'result';
  ticket: string | undefined;
  jobStatus: number | undefined;
  jobErrorMsg: string | undefined;
  type: string | undefined;
  token: string | undefined;
  url: string | undefined;
  extra: readonly string[];
  httpStatus: number;
  logId: string | undefined;
};

/** Something answered, and it was no result: an error of Feishu's, or no JSON that we can read. */
export type RefusalAnswer = {
  kind: 'refusal';
  /** Which request was refused: the one for the import, or one for a token that it needs. */
  asked: 'import' | 'token';
  httpStatus: number;
  /** Undefined where the body is no JSON object with an integer `code`. */
  code: number | undefined;
  msg: string | undefined;
  logId: string | undefined;
  missingScopes: readonly string[];
  /** What `x-ogw-ratelimit-reset` or `retry-after` says; 0 if neither says anything readable. */
  retryAfterSeconds: number;
};

/** Nobody answered, or not to the end: no connection, a reset, a timeout, a body that never ended. */
export type NoAnswer = {
  kind: 'no_answer';
  reason: string;
  reasonZh?: string;
  /** Where the headers came, but not the whole body. */
  httpStatus?: number;
  /** Where there was no connection to send anything over. */
  unsent?: boolean;
};

/** There are no credentials to ask with. */
export type NoProfile = { kind: 'no_profile'; reason: string; reasonZh?: string };

/** A store app has no `app_ticket` that Feishu takes; Feishu is asked to push it again, now and then. */
export type NoAppTicket = { kind: 'no_app_ticket'; reason: string; reasonZh: string };

/** The user's tokens have ended for good: only a person who authorises the app again can mend that. */
export type AuthorisationExpired = {
  kind: 'authorisation_expired';
  reason: string;
  reasonZh: string;
};

import { fieldsOf, integerIn, secondsIn } from '../core/json.ts';
import { longestText } from './kept-text.ts';

// Only the fields that we read of what Feishu answers. It may add any, and a field that is empty or of a
// wrong type counts as missing: what is missing is never taken for success. Nothing here is refused, so a
// schema would have no fault to tell; it would only take a query longer than all the rest of its answer.

/** `GET import_tasks/:ticket` */
export function importResult(json: unknown) {
  const result = fieldsOf(fieldsOf(fieldsOf(json).data).result);
  return {
    ticket: text(result.ticket),
    type: name(result.type),
    jobStatus: Number.isInteger(result.job_status) ? Number(result.job_status) : undefined,
    jobErrorMsg: text(result.job_error_msg),
    token: name(result.token),
    url: name(result.url),
    extra: notices(result.extra),
  };
}

/** The endpoints of apps' tokens: flat, unlike every other answer. */
export function appToken(
  json: unknown,
  field: 'tenant_access_token' | 'app_access_token',
): { token: string | undefined; lifeSeconds: number } {
  const { [field]: token, expire } = fieldsOf(json);
  // a token of unknown life serves once
  return { token: text(token), lifeSeconds: secondsIn(expire) ?? 0 };
}

/** The endpoint of users' tokens, flat as well, with names of its own. */
export function userToken(json: unknown) {
  const answer = fieldsOf(json);
  return {
    accessToken: text(answer.access_token),
    // what Feishu's own samples say, so that one of unknown life is used at all
    lifeSeconds: secondsIn(answer.expires_in) ?? 7200,
    refreshToken: text(answer.refresh_token),
    refreshLifeSeconds: secondsIn(answer.refresh_token_expires_in),
  };
}

/**
 * What every answer has in common. The documentation spells `logid` and `scope`, the live service
 * `log_id` and `subject`.
 */
export function envelope(json: unknown) {
  const answer = fieldsOf(json);
  const error = fieldsOf(answer.error);
  return {
    code: integerIn(answer.code),
    msg: text(answer.msg),
    logId: text(error.log_id) ?? text(error.logid) ?? text(answer.log_id),
    missingScopes: scopes(error.permission_violations),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value.trim() || undefined : undefined;
}

/** A name or an address that had to be cut would lead nowhere. */
function name(value: unknown): string | undefined {
  const whole = text(value);
  return whole !== undefined && whole.length <= longestText ? whole : undefined;
}

const mostNotices = 20;

/** An import is complete where there are none, so whatever else comes here counts as one. */
function notices(extra: unknown = []): string[] {
  const told = Array.isArray(extra) ? extra : [extra];
  if (told.length === 0) return [];
  const codes = Array.from(new Set(told.map(noticeCode))).filter((code) => code !== '');
  // an output must stay small, but none may go without a word
  return codes.length > mostNotices
    ? [...codes.slice(0, mostNotices), `and ${codes.length - mostNotices} more`]
    : codes;
}

function noticeCode(notice: unknown): string {
  if (typeof notice !== 'object') return String(notice).trim();
  return Object.keys(notice ?? {}).length > 0 ? 'unreadable' : '';
}

const mostScopes = 10;

function scopes(violations: unknown): string[] {
  if (!Array.isArray(violations)) return [];
  return violations
    .map(fieldsOf)
    .map(({ subject, scope }) => text(subject) ?? text(scope))
    .filter((scope) => scope !== undefined)
    .slice(0, mostScopes);
}

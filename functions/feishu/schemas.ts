import * as z from 'zod/mini';
import { longestText } from './kept-text.ts';

// Only the fields that we read. Feishu may add any, and a field that is empty or of a wrong type
// counts as missing: what is missing is never taken for success.
// (To catch a fault costs a query more than all the rest of its answer, hence no faults here.)
const text = z.transform(trimmed);
const integer = z.transform((value: unknown) =>
  Number.isSafeInteger(value) ? Number(value) : undefined,
);

// a name or an address that had to be cut would lead nowhere
const name = z.transform((value: unknown) => {
  const whole = trimmed(value);
  return whole !== undefined && whole.length <= longestText ? whole : undefined;
});

const mostNotices = 20;

// an import is complete where there are none, so whatever else comes here counts as one
const notices = z.transform((extra: unknown = []) => {
  const told = [extra].flat().map(noticeCode);
  const codes = Array.from(new Set(told)).filter((code) => code !== '');
  // an output must stay small, but none may go without a word
  return codes.length > mostNotices
    ? [...codes.slice(0, mostNotices), `and ${codes.length - mostNotices} more`]
    : codes;
});

const importResult = z.object({
  ticket: text,
  type: name,
  job_status: z.transform((value: unknown) =>
    Number.isInteger(value) ? Number(value) : undefined,
  ),
  job_error_msg: text,
  token: name,
  url: name,
  extra: notices,
});

/** `GET import_tasks/:ticket` */
export const importAnswer = z.object({
  data: z.catch(
    z.optional(z.object({ result: z.catch(z.optional(importResult), undefined) })),
    undefined,
  ),
});

const seconds = z.number().check(z.nonnegative());

/** The endpoints of apps' tokens: flat, unlike every other answer. */
export const tokenAnswer = z.catch(
  z.object({
    tenant_access_token: text,
    app_access_token: text,
    // a token of unknown life serves once
    expire: z.catch(seconds, 0),
  }),
  { tenant_access_token: undefined, app_access_token: undefined, expire: 0 },
);

/** The endpoint of users' tokens, flat as well, with names of its own. */
export const userTokenAnswer = z.object({
  access_token: z.string().check(z.trim(), z.minLength(1)),
  // what Feishu's own samples say, so that one of unknown life is used at all
  expires_in: z.catch(seconds, 7200),
  refresh_token: text,
  refresh_token_expires_in: z.catch(z.optional(seconds), undefined),
});

const violation = z.catch(z.object({ subject: text, scope: text }), {
  subject: undefined,
  scope: undefined,
});

const error = z.object({
  log_id: text,
  logid: text,
  permission_violations: z._default(z.catch(z.array(violation), []), []),
});

/**
 * What every answer has in common. The documentation spells `logid` and `scope`, the live service
 * `log_id` and `subject`.
 */
export const envelope = z.catch(
  z.pipe(
    z.object({
      code: integer,
      msg: text,
      log_id: text,
      error: z.catch(z.optional(error), undefined),
    }),
    z.transform(({ code, msg, log_id, error }) => ({
      code,
      msg,
      logId: error?.log_id ?? error?.logid ?? log_id,
      missingScopes: (error?.permission_violations ?? [])
        .map(({ subject, scope }) => subject ?? scope)
        .filter((scope) => scope !== undefined)
        .slice(0, 10),
    })),
  ),
  { code: undefined, msg: undefined, logId: undefined, missingScopes: [] },
);

function trimmed(value: unknown): string | undefined {
  return typeof value === 'string' ? value.trim() || undefined : undefined;
}

function noticeCode(notice: unknown): string {
  if (typeof notice !== 'object') return String(notice).trim();
  return Object.keys(notice ?? {}).length > 0 ? 'unreadable' : '';
}

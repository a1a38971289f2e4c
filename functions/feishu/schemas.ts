import * as z from 'zod';
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
const notices = z
  .unknown()
  .default([])
  .transform((extra) =>
    [extra]
      .flat()
      .map(noticeCode)
      .filter((code) => code !== ''),
  )
  .transform((codes) => Array.from(new Set(codes)))
  // an output must stay small, but none may go without a word
  .transform((codes) =>
    codes.length > mostNotices
      ? [...codes.slice(0, mostNotices), `and ${codes.length - mostNotices} more`]
      : codes,
  );

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
  data: z
    .object({ result: importResult.optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

/** The endpoints of apps' tokens: flat, unlike every other answer. */
export const tokenAnswer = z
  .object({
    tenant_access_token: text,
    app_access_token: text,
    // a token of unknown life serves once
    expire: z.number().nonnegative().catch(0),
  })
  .catch({ tenant_access_token: undefined, app_access_token: undefined, expire: 0 });

/** The endpoint of users' tokens, flat as well, with names of its own. */
export const userTokenAnswer = z.object({
  access_token: z.string().trim().min(1),
  expires_in: z.number().nonnegative().catch(0),
  refresh_token: text,
  refresh_token_expires_in: z.number().nonnegative().optional().catch(undefined),
});

/**
 * What every answer has in common. The documentation spells `logid` and `scope`, the live service
 * `log_id` and `subject`.
 */
export const envelope = z
  .object({
    code: integer,
    msg: text,
    log_id: text,
    error: z
      .object({
        log_id: text,
        logid: text,
        permission_violations: z
          .array(
            z
              .object({ subject: text, scope: text })
              .catch({ subject: undefined, scope: undefined }),
          )
          .catch([])
          .default([]),
      })
      .optional()
      .catch(undefined),
  })
  .transform(({ code, msg, log_id, error }) => ({
    code,
    msg,
    logId: error?.log_id ?? error?.logid ?? log_id,
    missingScopes: (error?.permission_violations ?? [])
      .map(({ subject, scope }) => subject ?? scope)
      .filter((scope) => scope !== undefined)
      .slice(0, 10),
  }))
  .catch({ code: undefined, msg: undefined, logId: undefined, missingScopes: [] });

function trimmed(value: unknown): string | undefined {
  return typeof value === 'string' ? value.trim() || undefined : undefined;
}

function noticeCode(notice: unknown): string {
  if (typeof notice !== 'object') return String(notice).trim();
  return Object.keys(notice ?? {}).length > 0 ? 'unreadable' : '';
}

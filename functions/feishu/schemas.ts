import * as z from 'zod';

// Only the fields that we read. Feishu may add any, and a field of a wrong type counts as missing:
// what is missing is never taken for success.
const text = z.string().optional().catch(undefined);
const integer = z.int().optional().catch(undefined);

const importResult = z.object({
  ticket: text,
  type: text,
  job_status: z.number().refine(Number.isInteger).optional().catch(undefined),
  job_error_msg: text,
  token: text,
  url: text,
  extra: z
    .array(z.union([z.string(), z.number()]).transform(String).nullable().catch(null))
    .transform((codes) => codes.filter((code) => code !== null))
    .catch([]),
});

/** `GET import_tasks/:ticket` */
export const importAnswer = z.object({
  data: z
    .object({ result: importResult.optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

/** `POST tenant_access_token/internal`: flat, unlike every other answer. */
export const tokenAnswer = z.object({
  tenant_access_token: z.string().min(1),
  expire: z.number().nonnegative(),
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
          .array(z.object({ subject: text, scope: text }).catch({}))
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
      .filter((scope) => scope !== undefined),
  }))
  .catch({ code: undefined, msg: undefined, logId: undefined, missingScopes: [] });

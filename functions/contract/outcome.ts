import * as z from 'zod';

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

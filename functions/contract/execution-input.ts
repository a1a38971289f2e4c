import * as z from 'zod';

export const defaultProfile = 'default';

const seconds = (name: string) => {
  const error = `${name} must be a whole number of seconds from 1 to 86400 (a day)`;
  return z
    .number({ error })
    .refine((number) => Number.isInteger(number) && number >= 1 && number <= 86_400, { error });
};

const requestFields = {
  ticket: z
    .string({
      error: ({ input }) =>
        typeof input === 'number'
          ? 'ticket must be a string: put it in quotes, since a JSON number cannot hold its 19 digits'
          : `ticket must be a string, the one that Feishu gave for the import task${input === undefined ? '; it is missing' : ''}`,
    })
    .regex(/^[A-Za-z0-9_-]{1,64}$/, {
      error: 'ticket must be 1 to 64 letters, digits, "-" and "_", exactly as Feishu gave it',
    }),
  profile: z
    .string({ error: 'profile must be a string' })
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, {
      error:
        'profile must be 1 to 32 lower-case letters, digits and "-", beginning with a letter or digit',
    })
    .optional(),
  timeout_seconds: seconds('timeout_seconds').optional(),
  expected_seconds: seconds('expected_seconds').optional(),
  on_failure: z
    .enum(['fail', 'return'], { error: 'on_failure must be "fail" or "return"' })
    .optional(),
};

const notAnObject = { error: notAnObjectOrUnknownKey };

/** What a caller asks for: the body of `POST /imports`. */
export const importRequest = z.strictObject(requestFields, notAnObject);

export type ImportRequest = z.output<typeof importRequest>;

export const requestKeys = Object.keys(requestFields);

/** What an execution starts with. */
export const executionInput = z
  .strictObject(
    {
      ...requestFields,
      request_id: z
        .string({ error: 'request_id must be a string' })
        .max(128, { error: 'request_id must be at most 128 characters' })
        .optional(),
      AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: z.unknown().optional(),
    },
    notAnObject,
  )
  .transform((input) => ({
    ticket: input.ticket,
    profile: input.profile ?? defaultProfile,
    timeoutSeconds: input.timeout_seconds ?? 3600,
    expectedSeconds: input.expected_seconds,
    onFailure: input.on_failure ?? ('fail' as const),
  }));

export type ExecutionInput = z.output<typeof executionInput>;

/** Whose import an execution is; null where its input does not say. */
export type Subject = Record<'ticket' | 'profile', string | null>;

/** Reads an input that may be anything. */
export function subjectOf(input: unknown): Subject {
  return subject.parse(input);
}

const subject = z
  .object({
    ticket: requestFields.ticket.nullable().catch(null),
    profile: requestFields.profile.default(defaultProfile).nullable().catch(null),
  })
  .catch({ ticket: null, profile: null });

function notAnObjectOrUnknownKey({ code }: { code?: string }): string | undefined {
  return code === 'invalid_type' ? 'the input must be a JSON object with a ticket' : undefined;
}

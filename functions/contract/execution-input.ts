import * as z from 'zod/mini';
import {
  defaultProfile,
  defaultTimeoutSeconds,
  type ExecutionInput,
  isSeconds,
  longestRequestId,
  profilePattern,
  type Subject,
  ticketPattern,
} from './plain-input.ts';

const seconds = (name: string) => {
  const error = `${name} must be a whole number of seconds from 1 to 86400 (a day)`;
  return z.optional(z.number({ error }).check(z.refine(isSeconds, { error })));
};

const requestFields = {
  ticket: z
    .string({
      error: ({ input }) =>
        typeof input === 'number'
          ? 'ticket must be a string: put it in quotes, since a JSON number cannot hold its 19 digits'
          : `ticket must be a string, the one that Feishu gave for the import task${input === undefined ? '; it is missing' : ''}`,
    })
    .check(
      z.regex(ticketPattern, {
        error: 'ticket must be 1 to 64 letters, digits, "-" and "_", exactly as Feishu gave it',
      }),
    ),
  profile: z.optional(
    z.string({ error: 'profile must be a string' }).check(
      z.regex(profilePattern, {
        error:
          'profile must be 1 to 32 lower-case letters, digits and "-", beginning with a letter or digit',
      }),
    ),
  ),
  timeout_seconds: seconds('timeout_seconds'),
  expected_seconds: seconds('expected_seconds'),
  on_failure: z.optional(
    z.enum(['fail', 'return'], { error: 'on_failure must be "fail" or "return"' }),
  ),
};

const notAnObject = { error: notAnObjectOrUnknownKey };

/** What a caller asks for: the body of `POST /imports`. */
export const importRequest = z.strictObject(requestFields, notAnObject);

export type ImportRequest = z.output<typeof importRequest>;

export const requestKeys = Object.keys(requestFields);

const inputFields = {
  ...requestFields,
  request_id: z.optional(
    z.string({ error: 'request_id must be a string' }).check(
      z.maxLength(longestRequestId, {
        error: `request_id must be at most ${longestRequestId} characters`,
      }),
    ),
  ),
  AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: z.optional(z.unknown()),
};

export const inputKeys = Object.keys(inputFields);

/** What an execution starts with. */
export const executionInput = z.pipe(
  z.strictObject(inputFields, notAnObject),
  z.transform(
    (input): ExecutionInput => ({
      ticket: input.ticket,
      profile: input.profile ?? defaultProfile,
      timeoutSeconds: input.timeout_seconds ?? defaultTimeoutSeconds,
      expectedSeconds: input.expected_seconds,
      onFailure: input.on_failure ?? 'fail',
    }),
  ),
);

/** Reads an input that may be anything. */
export function subjectOf(input: unknown): Subject {
  return subject.parse(input);
}

const subject = z.catch(
  z.object({
    ticket: z.catch(z.nullable(requestFields.ticket), null),
    profile: z.catch(z.nullable(z._default(requestFields.profile, defaultProfile)), null),
  }),
  { ticket: null, profile: null },
);

function notAnObjectOrUnknownKey({ code }: { code?: string }): string | undefined {
  return code === 'invalid_type' ? 'the input must be a JSON object with a ticket' : undefined;
}

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

/** Step Functions bears 256 KB between two states, and a Cause of 32 KB: no list may grow with its input. */
const mostFaults = 20;

/** What is wrong with an input, where, and what would be right. */
export type Fault = { path: string; message: string };

/**
 * The faults of an input that does not fit its schema, one an entry; of very many the first.
 * `knownKeys` are the keys that the schema has.
 */
export function faultsOf(
  error: z.ZodError,
  knownKeys: readonly string[] = Object.keys(requestFields),
): Fault[] {
  const known = knownKeys.join(', ');
  return theFirst(error, (count) => `and ${count} more faults`, {
    unknownKey: (key) => `${key} is not known here; known are ${known}`,
    otherwise: ({ message }) => message,
  });
}

/** The same for who reads Chinese. */
export function faultsInChinese(error: z.ZodError): Fault[] {
  const known = Object.keys(requestFields).join(', ');
  return theFirst(error, (count) => `以及另外 ${count} 处错误`, {
    unknownKey: (key) => `不支持 ${key}；支持的有 ${known}`,
    otherwise: ({ path, message }) => inChinese[path.join('.')] ?? message,
  });
}

function theFirst(
  { issues }: z.ZodError,
  andMore: (count: number) => string,
  say: {
    unknownKey: (key: string) => string;
    otherwise: (issue: z.core.$ZodIssue) => string;
  },
): Fault[] {
  const faults = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map(shortened).map((key) => ({ path: key, message: say.unknownKey(`"${key}"`) }))
      : [{ path: issue.path.join('.'), message: say.otherwise(issue) }],
  );
  const more = faults.length - mostFaults;
  return more > 0 ? [...faults.slice(0, mostFaults), { path: '', message: andMore(more) }] : faults;
}

/** A key as it can be shown: not too long, and without control characters. */
function shortened(key: string): string {
  return JSON.stringify(key.length > 64 ? `${key.slice(0, 63)}…` : key).slice(1, -1);
}

/** The rules above for who reads Chinese, by path. */
const inChinese: Record<string, string> = {
  '': '输入必须是包含 ticket 的 JSON 对象',
  ticket:
    'ticket 必须是字符串（加引号），由 1 至 64 个字母、数字、"-" 或 "_" 组成，与飞书返回的完全一致',
  profile: 'profile 必须是 1 至 32 个小写字母、数字或 "-"，并以字母或数字开头',
  timeout_seconds: 'timeout_seconds 必须是 1 至 86400（一天）之间的整数秒',
  expected_seconds: 'expected_seconds 必须是 1 至 86400（一天）之间的整数秒',
  on_failure: 'on_failure 必须为 "fail" 或 "return"',
  request_id: 'request_id 必须是不超过 128 个字符的字符串',
};

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

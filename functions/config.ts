import * as z from 'zod';
import { baseUrlText } from './feishu/base-url.ts';

/** A setting that cannot be understood. The message names each, and shows no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export type Environment = Record<string, string | undefined>;

/** Reads settings with a schema; one that is set to nothing counts as not set. */
export function readSettings<Schema extends z.ZodType>(
  schema: Schema,
  environment: Environment,
): z.output<Schema> {
  const set = Object.entries(environment).filter(
    ([, value]) => value !== undefined && value !== '',
  );
  const { data, error } = schema.safeParse(Object.fromEntries(set));
  if (error) throw new ConfigError(error.issues.map(({ message }) => message).join('\n'));
  return data;
}

/** A setting that is a whole number between two others, both allowed. */
export function wholeNumber(name: string, smallest: number, largest: number, preset: number) {
  return z
    .string()
    .default(String(preset))
    .refine((text) => /^\d{1,9}$/.test(text) && +text >= smallest && +text <= largest, {
      error: ({ input }) =>
        `${name} must be a whole number from ${smallest} to ${largest}, not ${JSON.stringify(input)}`,
    })
    .transform(Number);
}

const baseUrl = baseUrlText(
  'FEISHU_BASE_URL must be an https URL such as https://open.feishu.cn or https://open.larksuite.com ' +
    '(http only for this machine, as http://127.0.0.1:4000), without user, query or fragment',
).prefault('https://open.feishu.cn');

const allowedBaseUrls = z
  .string()
  .default('')
  .transform((text) => text.split(',').filter((url) => url.trim() !== ''))
  .pipe(
    z.array(
      baseUrlText(
        'FEISHU_ALLOWED_BASE_URLS must be https URLs, separated by commas, such as https://open.feishu.example.com',
      ),
    ),
  );

const querySettings = z
  .object({
    FEISHU_BASE_URL: baseUrl,
    FEISHU_TIMEOUT_MS: wholeNumber('FEISHU_TIMEOUT_MS', 100, 30_000, 8000),
    FEISHU_OUTAGE_SECONDS: wholeNumber('FEISHU_OUTAGE_SECONDS', 1, 86_400, 900),
    PROFILE_SECRET_PREFIX: z
      .string()
      .regex(/^[A-Za-z0-9/_+=.@-]{1,400}$/, {
        error:
          "PROFILE_SECRET_PREFIX must be the beginning of a secret's name: letters, digits and /_+=.@-",
      })
      .optional(),
    FEISHU_ALLOWED_BASE_URLS: allowedBaseUrls,
    FEISHU_PROFILES_FILE: z.string().optional(),
    METRIC_NAMESPACE: z.string().optional(),
    FEISHU_APP_ID: z.string().trim().optional(),
    FEISHU_APP_SECRET: z.string().trim().optional(),
  })
  .refine(({ FEISHU_APP_ID: id, FEISHU_APP_SECRET: secret }) => !id === !secret, {
    error: 'FEISHU_APP_ID and FEISHU_APP_SECRET must both be set, or neither',
  })
  .refine(({ FEISHU_APP_ID: id, FEISHU_PROFILES_FILE: file }) => !id || !file, {
    error:
      'FEISHU_PROFILES_FILE and FEISHU_APP_ID cannot both be set: the file holds every profile',
  })
  .transform((settings) => ({
    baseUrl: settings.FEISHU_BASE_URL,
    timeoutMs: settings.FEISHU_TIMEOUT_MS,
    outageSeconds: settings.FEISHU_OUTAGE_SECONDS,
    /** Where a profile's own base URL may lead to, beside Feishu, Lark and `baseUrl`. */
    allowedBaseUrls: settings.FEISHU_ALLOWED_BASE_URLS,
    profilesFile: settings.FEISHU_PROFILES_FILE,
    profileSecretPrefix: settings.PROFILE_SECRET_PREFIX,
    metricNamespace: settings.METRIC_NAMESPACE,
    app:
      settings.FEISHU_APP_ID && settings.FEISHU_APP_SECRET
        ? { appId: settings.FEISHU_APP_ID, appSecret: settings.FEISHU_APP_SECRET }
        : undefined,
  }));

const apiSettings = z
  .object({
    STATE_MACHINE_ARN: z
      .string({ error: 'STATE_MACHINE_ARN is not set' })
      .regex(/^arn:[^:]+:states:[^:]*:[^:]*:stateMachine:[^:]+$/, {
        error: 'STATE_MACHINE_ARN must be the ARN of a state machine',
      }),
  })
  .transform((settings) => ({ stateMachineArn: settings.STATE_MACHINE_ARN }));

type Needed = 'baseUrl' | 'timeoutMs' | 'outageSeconds';
type QuerySettings = z.output<typeof querySettings>;
const rotationSettings = z
  .object({
    FEISHU_BASE_URL: baseUrl,
    FEISHU_ALLOWED_BASE_URLS: allowedBaseUrls,
    FEISHU_USER_TOKEN_API: z
      .enum(['v2', 'v3'], { error: 'FEISHU_USER_TOKEN_API must be v2 or v3' })
      .default('v3'),
  })
  .transform((settings) => ({
    baseUrl: settings.FEISHU_BASE_URL,
    allowedBaseUrls: settings.FEISHU_ALLOWED_BASE_URLS,
    userTokenApi: settings.FEISHU_USER_TOKEN_API,
  }));

export type RotationConfig = z.output<typeof rotationSettings>;

/** What the function that renews a user's tokens is told by its environment. Throws a ConfigError. */
export function rotationConfig(environment: Environment = process.env): RotationConfig {
  return readSettings(rotationSettings, environment);
}

const renewalSettings = z
  .object({
    PROFILE_SECRET_PREFIX: z.string({ error: 'PROFILE_SECRET_PREFIX is not set' }),
    ROTATION_FUNCTION_ARN: z.string({ error: 'ROTATION_FUNCTION_ARN is not set' }),
    METRIC_NAMESPACE: z.string().default('FeishuImport'),
  })
  .transform((settings) => ({
    profileSecretPrefix: settings.PROFILE_SECRET_PREFIX,
    rotationFunctionArn: settings.ROTATION_FUNCTION_ARN,
    metricNamespace: settings.METRIC_NAMESPACE,
  }));

export type RenewalConfig = z.output<typeof renewalSettings>;

/** What the function that has users' tokens renewed in time is told by its environment. Throws a ConfigError. */
export function renewalConfig(environment: Environment = process.env): RenewalConfig {
  return readSettings(renewalSettings, environment);
}

const ticketSettings = z
  .object({
    PROFILE_SECRET_PREFIX: z.string({ error: 'PROFILE_SECRET_PREFIX is not set' }),
    APP_TICKETS: z.enum(['public', 'private', 'both'], {
      error: 'APP_TICKETS must be public, private or both',
    }),
  })
  .transform((settings) => ({
    profileSecretPrefix: settings.PROFILE_SECRET_PREFIX,
    /** Which ways in are open. */
    isPublic: settings.APP_TICKETS !== 'private',
    isPrivate: settings.APP_TICKETS !== 'public',
  }));

export type TicketConfig = z.output<typeof ticketSettings>;

/** What the function that receives app tickets is told by its environment. Throws a ConfigError. */
export function ticketConfig(environment: Environment = process.env): TicketConfig {
  return readSettings(ticketSettings, environment);
}

export type QueryConfig = Pick<QuerySettings, Needed> & Partial<Omit<QuerySettings, Needed>>;
export type ApiConfig = z.output<typeof apiSettings>;

/** What the query function is told by its environment. Throws a ConfigError. */
export function queryConfig(environment: Environment = process.env): QueryConfig {
  return readSettings(querySettings, environment);
}

/** What the functions behind the HTTP API are told by their environment. Throws a ConfigError. */
export function apiConfig(environment: Environment = process.env): ApiConfig {
  return readSettings(apiSettings, environment);
}

import * as z from 'zod';

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

const baseUrl = z
  .string()
  .default('https://open.feishu.cn')
  .refine(isSafeBaseUrl, {
    error:
      'FEISHU_BASE_URL must be an https URL such as https://open.feishu.cn or https://open.larksuite.com ' +
      '(http only for this machine, as http://127.0.0.1:4000), without user, query or fragment',
  })
  .transform((text) => {
    const { origin, pathname } = new URL(text);
    return origin + pathname.replace(/\/+$/, '');
  });

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
    METRIC_NAMESPACE: z.string().optional(),
    FEISHU_APP_ID: z.string().trim().optional(),
    FEISHU_APP_SECRET: z.string().trim().optional(),
  })
  .refine(({ FEISHU_APP_ID: id, FEISHU_APP_SECRET: secret }) => !id === !secret, {
    error: 'FEISHU_APP_ID and FEISHU_APP_SECRET must both be set, or neither',
  })
  .transform((settings) => ({
    baseUrl: settings.FEISHU_BASE_URL,
    timeoutMs: settings.FEISHU_TIMEOUT_MS,
    outageSeconds: settings.FEISHU_OUTAGE_SECONDS,
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

export type QueryConfig = Omit<
  z.output<typeof querySettings>,
  'profileSecretPrefix' | 'metricNamespace'
> & { profileSecretPrefix?: string | undefined; metricNamespace?: string | undefined };
export type ApiConfig = z.output<typeof apiSettings>;

/** What the query function is told by its environment. Throws a ConfigError. */
export function queryConfig(environment: Environment = process.env): QueryConfig {
  return readSettings(querySettings, environment);
}

/** What the functions behind the HTTP API are told by their environment. Throws a ConfigError. */
export function apiConfig(environment: Environment = process.env): ApiConfig {
  return readSettings(apiSettings, environment);
}

function isSafeBaseUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || url.username || url.password || url.search || url.hash) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

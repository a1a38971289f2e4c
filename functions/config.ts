import * as z from 'zod/mini';
import { baseUrlText } from './feishu/base-url.ts';

/** A setting that cannot be understood. The message names each, and shows no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export type Environment = Record<string, string | undefined>;

/** Reads settings with a schema; one that is set to nothing counts as not set. */
export function readSettings<Schema extends z.core.$ZodType>(
  schema: Schema,
  environment: Environment,
): z.output<Schema> {
  const set = Object.entries(environment).filter(
    ([, value]) => value !== undefined && value !== '',
  );
  const { data, error } = z.safeParse(schema, Object.fromEntries(set));
  if (error) throw new ConfigError(error.issues.map(({ message }) => message).join('\n'));
  return data;
}

/** A setting that is a whole number between two others, both allowed. */
export function wholeNumber(name: string, smallest: number, largest: number, preset: number) {
  const inRange = z.refine<string>(
    (text) => /^\d{1,9}$/.test(text) && +text >= smallest && +text <= largest,
    {
      error: ({ input }) =>
        `${name} must be a whole number from ${smallest} to ${largest}, not ${JSON.stringify(input)}`,
    },
  );
  return z.pipe(z._default(z.string().check(inRange), String(preset)), z.transform(Number));
}

/** Where Feishu is. */
export const baseUrlSetting = z.prefault(
  baseUrlText(
    'FEISHU_BASE_URL must be an https URL such as https://open.feishu.cn or https://open.larksuite.com ' +
      '(http only for this machine, as http://127.0.0.1:4000), without user, query or fragment',
  ),
  'https://open.feishu.cn',
);

/** Where a profile's own base URL may lead to, beside Feishu, Lark and the usual one. */
export const allowedBaseUrlsSetting = z.pipe(
  z.pipe(
    z._default(z.string(), ''),
    z.transform((text) => text.split(',').filter((url) => url.trim() !== '')),
  ),
  z.array(
    baseUrlText(
      'FEISHU_ALLOWED_BASE_URLS must be https URLs, separated by commas, such as https://open.feishu.example.com',
    ),
  ),
);

const optionalText = z.optional(z.string().check(z.trim()));

const querySettings = z.pipe(
  z
    .object({
      FEISHU_BASE_URL: baseUrlSetting,
      FEISHU_ALLOWED_BASE_URLS: allowedBaseUrlsSetting,
      FEISHU_TIMEOUT_MS: wholeNumber('FEISHU_TIMEOUT_MS', 100, 30_000, 8000),
      FEISHU_OUTAGE_SECONDS: wholeNumber('FEISHU_OUTAGE_SECONDS', 1, 86_400, 900),
      PROFILE_SECRET_PREFIX: z.optional(
        z.string().check(
          z.regex(/^[A-Za-z0-9/_+=.@-]{1,400}$/, {
            error:
              "PROFILE_SECRET_PREFIX must be the beginning of a secret's name: letters, digits and /_+=.@-",
          }),
        ),
      ),
      FEISHU_PROFILES_FILE: z.optional(z.string()),
      METRIC_NAMESPACE: z.optional(z.string()),
      FEISHU_APP_ID: optionalText,
      FEISHU_APP_SECRET: optionalText,
    })
    .check(
      z.refine(({ FEISHU_APP_ID: id, FEISHU_APP_SECRET: secret }) => !id === !secret, {
        error: 'FEISHU_APP_ID and FEISHU_APP_SECRET must both be set, or neither',
      }),
      z.refine(({ FEISHU_APP_ID: id, FEISHU_PROFILES_FILE: file }) => !id || !file, {
        error:
          'FEISHU_PROFILES_FILE and FEISHU_APP_ID cannot both be set: the file holds every profile',
      }),
    ),
  z.transform((settings) => ({
    baseUrl: settings.FEISHU_BASE_URL,
    allowedBaseUrls: settings.FEISHU_ALLOWED_BASE_URLS,
    timeoutMs: settings.FEISHU_TIMEOUT_MS,
    outageSeconds: settings.FEISHU_OUTAGE_SECONDS,
    profilesFile: settings.FEISHU_PROFILES_FILE,
    profileSecretPrefix: settings.PROFILE_SECRET_PREFIX,
    metricNamespace: settings.METRIC_NAMESPACE,
    app:
      settings.FEISHU_APP_ID && settings.FEISHU_APP_SECRET
        ? { appId: settings.FEISHU_APP_ID, appSecret: settings.FEISHU_APP_SECRET }
        : undefined,
  })),
);

const apiSettings = z.pipe(
  z.object({
    STATE_MACHINE_ARN: z.string({ error: 'STATE_MACHINE_ARN is not set' }).check(
      z.regex(/^arn:[^:]+:states:[^:]*:[^:]*:stateMachine:[^:]+$/, {
        error: 'STATE_MACHINE_ARN must be the ARN of a state machine',
      }),
    ),
  }),
  z.transform((settings) => ({ stateMachineArn: settings.STATE_MACHINE_ARN })),
);

type Needed = 'baseUrl' | 'timeoutMs' | 'outageSeconds';
type QuerySettings = z.output<typeof querySettings>;
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

import * as z from 'zod/mini';
import {
  allowedBaseUrlsSetting,
  baseUrlSetting,
  type Environment,
  readSettings,
} from './config.ts';

// What the functions that keep tickets and renew tokens are told by their environment. All of these throw
// a ConfigError.

const profileSecretPrefix = z.string({ error: 'PROFILE_SECRET_PREFIX is not set' });

const ticketSettings = z.pipe(
  z.object({
    PROFILE_SECRET_PREFIX: profileSecretPrefix,
    APP_TICKETS: z.enum(['public', 'private', 'both'], {
      error: 'APP_TICKETS must be public, private or both',
    }),
  }),
  z.transform((settings) => ({
    profileSecretPrefix: settings.PROFILE_SECRET_PREFIX,
    /** Which ways in are open. */
    isPublic: settings.APP_TICKETS !== 'private',
    isPrivate: settings.APP_TICKETS !== 'public',
  })),
);

export type TicketConfig = z.output<typeof ticketSettings>;

export function ticketConfig(environment: Environment = process.env): TicketConfig {
  return readSettings(ticketSettings, environment);
}

const rotationSettings = z.pipe(
  z.object({
    FEISHU_BASE_URL: baseUrlSetting,
    FEISHU_ALLOWED_BASE_URLS: allowedBaseUrlsSetting,
    FEISHU_USER_TOKEN_API: z._default(
      z.enum(['v2', 'v3'], { error: 'FEISHU_USER_TOKEN_API must be v2 or v3' }),
      'v3',
    ),
  }),
  z.transform((settings) => ({
    baseUrl: settings.FEISHU_BASE_URL,
    allowedBaseUrls: settings.FEISHU_ALLOWED_BASE_URLS,
    userTokenApi: settings.FEISHU_USER_TOKEN_API,
  })),
);

export type RotationConfig = z.output<typeof rotationSettings>;

/** Of the function that renews a user's tokens. */
export function rotationConfig(environment: Environment = process.env): RotationConfig {
  return readSettings(rotationSettings, environment);
}

const renewalSettings = z.pipe(
  z.object({
    PROFILE_SECRET_PREFIX: profileSecretPrefix,
    ROTATION_FUNCTION_ARN: z.string({ error: 'ROTATION_FUNCTION_ARN is not set' }),
    METRIC_NAMESPACE: z._default(z.string(), 'FeishuImport'),
  }),
  z.transform((settings) => ({
    profileSecretPrefix: settings.PROFILE_SECRET_PREFIX,
    rotationFunctionArn: settings.ROTATION_FUNCTION_ARN,
    metricNamespace: settings.METRIC_NAMESPACE,
  })),
);

export type RenewalConfig = z.output<typeof renewalSettings>;

/** Of the function that has users' tokens renewed in time. */
export function renewalConfig(environment: Environment = process.env): RenewalConfig {
  return readSettings(renewalSettings, environment);
}

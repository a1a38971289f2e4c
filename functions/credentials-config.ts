import { allowedBaseUrlsSetting, baseUrlSetting } from './config.ts';
import { type Environment, readSettings } from './settings.ts';

// What the functions that keep tickets and renew tokens are told by their environment. All of these throw
// a ConfigError.

export type TicketConfig = {
  profileSecretPrefix: string;
  /** Which ways in are open. */
  isPublic: boolean;
  isPrivate: boolean;
};

export function ticketConfig(environment: Environment = process.env): TicketConfig {
  return readSettings(environment, (settings) => {
    const profileSecretPrefix = settings.required('PROFILE_SECRET_PREFIX');
    const waysIn = settings.oneOf('APP_TICKETS', ['public', 'private', 'both']);
    return {
      profileSecretPrefix,
      isPublic: waysIn !== 'private',
      isPrivate: waysIn !== 'public',
    };
  });
}

export type RotationConfig = {
  baseUrl: string;
  allowedBaseUrls: string[];
  userTokenApi: 'v2' | 'v3';
};

/** Of the function that renews a user's tokens. */
export function rotationConfig(environment: Environment = process.env): RotationConfig {
  return readSettings(environment, (settings) => ({
    baseUrl: baseUrlSetting(settings),
    allowedBaseUrls: allowedBaseUrlsSetting(settings),
    userTokenApi: settings.oneOf('FEISHU_USER_TOKEN_API', ['v2', 'v3'], 'v3'),
  }));
}

export type RenewalConfig = {
  profileSecretPrefix: string;
  rotationFunctionArn: string;
  metricNamespace: string;
};

/** Of the function that has users' tokens renewed in time. */
export function renewalConfig(environment: Environment = process.env): RenewalConfig {
  return readSettings(environment, (settings) => ({
    profileSecretPrefix: settings.required('PROFILE_SECRET_PREFIX'),
    rotationFunctionArn: settings.required('ROTATION_FUNCTION_ARN'),
    metricNamespace: settings.text('METRIC_NAMESPACE') ?? 'FeishuImport',
  }));
}

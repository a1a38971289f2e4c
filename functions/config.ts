import { normalBaseUrl } from './feishu/base-url.ts';
import type { AppCredentials } from './feishu/tenant-tokens.ts';
import { type Environment, readSettings, type Settings } from './settings.ts';

/** Where Feishu is. */
export function baseUrlSetting(settings: Settings): string {
  const preset = 'https://open.feishu.cn';
  const fault =
    'FEISHU_BASE_URL must be an https URL such as https://open.feishu.cn or https://open.larksuite.com ' +
    '(http only for this machine, as http://127.0.0.1:4000), without user, query or fragment';
  return settings.optional('FEISHU_BASE_URL', normalBaseUrl, fault) ?? preset;
}

/** Where a profile's own base URL may lead to, beside Feishu, Lark and the usual one. */
export function allowedBaseUrlsSetting(settings: Settings): string[] {
  const fault =
    'FEISHU_ALLOWED_BASE_URLS must be https URLs, separated by commas, such as https://open.feishu.example.com';
  return settings.optional('FEISHU_ALLOWED_BASE_URLS', normalBaseUrls, fault) ?? [];
}

function normalBaseUrls(text: string): string[] | undefined {
  const given = text.split(',').filter((url) => url.trim() !== '');
  const normal = given.map(normalBaseUrl).filter((url) => url !== undefined);
  return normal.length === given.length ? normal : undefined;
}

function secretPrefix(text: string): string | undefined {
  return /^[A-Za-z0-9/_+=.@-]{1,400}$/.test(text) ? text : undefined;
}

function appSetting(settings: Settings): AppCredentials | undefined {
  const appId = settings.text('FEISHU_APP_ID')?.trim();
  const appSecret = settings.text('FEISHU_APP_SECRET')?.trim();
  if (!appId !== !appSecret) {
    settings.fault('FEISHU_APP_ID and FEISHU_APP_SECRET must both be set, or neither');
  }
  if (appId && settings.text('FEISHU_PROFILES_FILE')) {
    settings.fault(
      'FEISHU_PROFILES_FILE and FEISHU_APP_ID cannot both be set: the file holds every profile',
    );
  }
  return appId && appSecret ? { appId, appSecret } : undefined;
}

export type QueryConfig = {
  baseUrl: string;
  timeoutMs: number;
  outageSeconds: number;
} & Partial<{
  allowedBaseUrls: string[];
  profileSecretPrefix: string | undefined;
  profilesFile: string | undefined;
  metricNamespace: string | undefined;
  app: AppCredentials | undefined;
}>;

/** What the query function is told by its environment. Throws a ConfigError. */
export function queryConfig(environment: Environment = process.env): QueryConfig {
  return readSettings(environment, (settings) => ({
    baseUrl: baseUrlSetting(settings),
    allowedBaseUrls: allowedBaseUrlsSetting(settings),
    timeoutMs: settings.wholeNumber('FEISHU_TIMEOUT_MS', 100, 30_000, 8000),
    outageSeconds: settings.wholeNumber('FEISHU_OUTAGE_SECONDS', 1, 86_400, 900),
    profileSecretPrefix: settings.optional(
      'PROFILE_SECRET_PREFIX',
      secretPrefix,
      "PROFILE_SECRET_PREFIX must be the beginning of a secret's name: letters, digits and /_+=.@-",
    ),
    profilesFile: settings.text('FEISHU_PROFILES_FILE'),
    metricNamespace: settings.text('METRIC_NAMESPACE'),
    app: appSetting(settings),
  }));
}

const arnPattern = /^arn:[^:]+:states:[^:]*:[^:]*:stateMachine:[^:]+$/;

export type ApiConfig = { stateMachineArn: string };

/** What the functions behind the HTTP API are told by their environment. Throws a ConfigError. */
export function apiConfig(environment: Environment = process.env): ApiConfig {
  return readSettings(environment, (settings) => {
    const stateMachineArn = settings.required('STATE_MACHINE_ARN');
    if (stateMachineArn && !arnPattern.test(stateMachineArn)) {
      settings.fault('STATE_MACHINE_ARN must be the ARN of a state machine');
    }
    return { stateMachineArn };
  });
}

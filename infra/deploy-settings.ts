import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { type ErrorName, errorCatalogue } from '../functions/core/error-catalogue.ts';
import { ConfigError, wholeNumberRule } from '../functions/settings.ts';

// What a deploy may be told, as params of serverless.yml or with --param, and what becomes of it in
// the template. Checked before anything is packaged: a wrong setting stops it with a message that
// names the setting.

type Params = Record<string, unknown>;

/** The days that CloudWatch can keep a log group for. */
const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

const shown = ({ input }: { input?: unknown }) => JSON.stringify(input);

function oneOf(name: string, values: readonly (string | number)[], preset: string | number) {
  const texts = values.map(String);
  return z
    .string()
    .default(String(preset))
    .refine((text) => texts.includes(text), {
      error: (issue) => `${name} must be one of ${texts.join(', ')}, not ${shown(issue)}`,
    });
}

function wholeNumber(name: string, smallest: number, largest: number, preset: number) {
  const { read, fault } = wholeNumberRule(name, smallest, largest);
  return z
    .string()
    .default(String(preset))
    .refine((text) => read(text) !== undefined, { error: ({ input }) => fault(input) })
    .transform(Number);
}

const like = (pattern: RegExp) => (text: string) => pattern.test(text);

function listOf(name: string, isItem: (text: string) => boolean, example: string) {
  return z
    .string()
    .transform((text) => text.split(',').map((item) => item.trim()))
    .refine((items) => items.every(isItem), {
      error: (issue) =>
        `${name} must be one or more of the form ${example}, separated by commas, not ${shown(issue)}`,
    })
    .optional();
}

function httpsUrl(name: string, example: string) {
  return z.string().refine(isHttpsUrl, {
    error: (issue) =>
      `${name} must be an https URL such as ${example}, without user, query or fragment, not ${shown(issue)}`,
  });
}

function isHttpsUrl(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'https:' && !(url.username || url.password || url.search || url.hash);
}

const preset = { feishuBaseUrl: 'https://open.feishu.cn' };

const settings = z.object({
  feishuBaseUrl: httpsUrl(
    'feishuBaseUrl',
    `${preset.feishuBaseUrl} or https://open.larksuite.com`,
  ).default(preset.feishuBaseUrl),
  feishuAllowedBaseUrls: listOf(
    'feishuAllowedBaseUrls',
    isHttpsUrl,
    'https://open.feishu.example.com',
  ),
  feishuTimeoutMs: wholeNumber('feishuTimeoutMs', 100, 30_000, 8000),
  feishuOutageSeconds: wholeNumber('feishuOutageSeconds', 1, 86_400, 900),
  profileSecretPrefix: z
    .string()
    .regex(/^[A-Za-z0-9/_+=.@-]{0,200}[A-Za-z0-9_+=.@-]\/$/, {
      error: (issue) =>
        `profileSecretPrefix must begin the names of the profiles' secrets and end with a slash, as feishu-import/prod/, not ${shown(issue)}`,
    })
    .optional(),
  secretsKmsKeyArn: z
    .string()
    .regex(/^arn:[^:]+:kms:[^:]+:\d{12}:key\/[A-Za-z0-9-]+$/, {
      error: (issue) =>
        `secretsKmsKeyArn must be the ARN of the KMS key that the profiles' secrets are encrypted with, as arn:aws:kms:eu-central-1:111122223333:key/…, not ${shown(issue)}`,
    })
    .optional(),
  appTickets: oneOf('appTickets', ['off', 'private', 'public', 'both'], 'off'),
  userTokens: oneOf('userTokens', ['false', 'true'], 'false'),
  userTokenApi: oneOf('userTokenApi', ['v3', 'v2'], 'v3'),
  logRetentionDays: oneOf('logRetentionDays', retentionDays, 30).transform(Number),
  queryReservedConcurrency: z
    .string()
    .transform((text): string | undefined => text)
    .pipe(wholeNumber('queryReservedConcurrency', 1, 10_000, 1))
    .optional(),
  throttlingRateLimit: wholeNumber('throttlingRateLimit', 1, 10_000, 50),
  throttlingBurstLimit: wholeNumber('throttlingBurstLimit', 1, 5000, 100),
  failedImportsPerHour: wholeNumber('failedImportsPerHour', 1, 1_000_000, 20),
  runtime: oneOf('runtime', ['nodejs24.x', 'nodejs22.x'], 'nodejs24.x'),
  architecture: oneOf('architecture', ['arm64', 'x86_64'], 'arm64'),
  jwtIssuer: httpsUrl('jwtIssuer', 'https://login.example.com/tenant').optional(),
  jwtAudience: listOf('jwtAudience', like(/^[^\s,]+$/), 'feishu-import'),
  jwtScopes: listOf('jwtScopes', like(/^[^\s,]+$/), 'imports/write'),
  subnetIds: listOf('subnetIds', like(/^subnet-[0-9a-f]+$/), 'subnet-0123456789abcdef0'),
  securityGroupIds: listOf('securityGroupIds', like(/^sg-[0-9a-f]+$/), 'sg-0123456789abcdef0'),
  alarmEmail: z
    .email({
      error: (issue) =>
        `alarmEmail must be an e-mail address such as on-call@example.com, not ${shown(issue)}`,
    })
    .optional(),
  feishuGroupWebhookSecret: z
    .string()
    .regex(/^[A-Za-z0-9/_+=.@-]{1,512}$/, {
      // a URL given by mistake is a secret: it is not repeated
      error:
        'feishuGroupWebhookSecret must be the name of a secret in Secrets Manager that holds the URL of the webhook, as feishu-import/prod-group; not the URL itself, which anybody could read in the template',
    })
    .optional(),
});

const names = Object.keys(settings.shape);

const consistentSettings = settings
  .catchall(z.never())
  .superRefine(
    ({ jwtIssuer, jwtAudience, jwtScopes, subnetIds, securityGroupIds, ...rest }, issues) => {
      const fault = (message: string) => issues.addIssue({ code: 'custom', message });
      if (!jwtIssuer !== !jwtAudience) {
        fault('jwtIssuer and jwtAudience must both be set, or neither');
      }
      if (jwtScopes && !jwtIssuer) fault('jwtScopes needs jwtIssuer and jwtAudience');
      if (!subnetIds !== !securityGroupIds) {
        fault('subnetIds and securityGroupIds must both be set, or neither');
      }
      if (rest.throttlingBurstLimit < rest.throttlingRateLimit) {
        fault('throttlingBurstLimit must not be under throttlingRateLimit');
      }
    },
  );

/** The settings as the template needs them. Throws a ConfigError that names every wrong one. */
export function templateSettings(stage: string, params: Params) {
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(stage)) {
    throw new ConfigError(
      `stage must be up to 20 small letters, digits and hyphens, as dev or prod, not ${JSON.stringify(stage)}`,
    );
  }
  const unknown = Object.keys(params).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new ConfigError(
      `There is no setting ${unknown.join(', ')}; the settings are ${names.join(', ')}`,
    );
  }
  const checked = check(params);
  const { jwtIssuer, jwtAudience, jwtScopes, subnetIds, securityGroupIds } = checked;
  const { alarmEmail, feishuGroupWebhookSecret: groupSecret } = checked;
  return {
    ...checked,
    // an environment variable is a string
    feishuTimeoutMs: String(checked.feishuTimeoutMs),
    feishuOutageSeconds: String(checked.feishuOutageSeconds),
    profileSecretPrefix: checked.profileSecretPrefix ?? `feishu-import/${stage}/`,
    queryReservedConcurrency: checked.queryReservedConcurrency ?? null,
    ...(jwtIssuer
      ? {
          authorizer: { name: 'callers', ...(jwtScopes && { scopes: jwtScopes }) },
          authorizers: {
            callers: {
              type: 'jwt',
              identitySource: '$request.header.Authorization',
              issuerUrl: jwtIssuer,
              audience: jwtAudience,
            },
          },
        }
      : { authorizer: { type: 'aws_iam' }, authorizers: {} }),
    ...(subnetIds
      ? {
          vpc: { subnetIds, securityGroupIds },
          vpcResources: `\${file(infra/vpc.yml)}`,
          vpcPolicies: [{ Ref: 'VpcPolicy' }],
        }
      : { vpc: null, vpcResources: {}, vpcPolicies: [] }),
    topicSubscriptions: alarmEmail ? [{ Protocol: 'email', Endpoint: alarmEmail }] : [],
    feishuGroupResources: groupSecret ? `\${file(infra/feishu-group.yml)}` : {},
    feishuGroupWebhook: groupSecret ? `{{resolve:secretsmanager:${groupSecret}}}` : null,
    ...credentialSettings(checked),
  };
}

/** One that is set to nothing counts as not set. */
function check(params: Params): z.output<typeof settings> {
  const texts = Object.entries(params).map(([name, value]) => [name, String(value ?? '')]);
  const set = texts.filter(([, text]) => text !== '');
  const { data, error } = consistentSettings.safeParse(Object.fromEntries(set));
  if (error) throw new ConfigError(error.issues.map(({ message }) => message).join('\n'));
  return data;
}

/** What profiles of store apps and of users need beside the query function: nothing, unless they are turned on. */
function credentialSettings(checked: z.output<typeof settings>) {
  const { appTickets, throttlingRateLimit, throttlingBurstLimit } = checked;
  const hasTickets = appTickets !== 'off';
  const isOpen = appTickets === 'public' || appTickets === 'both';
  const hasUsers = checked.userTokens === 'true';
  const key = checked.secretsKmsKeyArn;
  const given = <Item>(isGiven: boolean, ...items: Item[]) => (isGiven ? items : []);
  const partOf = (file: string, part: string) => `\${file(infra/${file}.yml):${part}}`;
  const role = (name: string) => ({ Ref: name });
  const alarm = (name: string) => ({ 'Fn::GetAtt': [name, 'Arn'] });
  return {
    // an environment variable is a string
    feishuAllowedBaseUrls: checked.feishuAllowedBaseUrls?.join(',') ?? '',
    appTicketFunctions: hasTickets ? partOf('app-tickets', 'functions') : {},
    appTicketResources: hasTickets ? partOf('app-tickets', 'resources') : {},
    openRouteEvents: isOpen ? partOf('app-tickets', 'openRoute.events') : [],
    openRouteResources: isOpen ? partOf('app-tickets', 'openRoute.resources') : {},
    openRouteRateLimit: Math.min(10, throttlingRateLimit),
    openRouteBurstLimit: Math.min(20, throttlingBurstLimit),
    userTokenFunctions: hasUsers ? partOf('user-tokens', 'functions') : {},
    userTokenResources: hasUsers ? partOf('user-tokens', 'resources') : {},
    secretsKeyReaders: [
      role('QueryImportRole'),
      ...given(hasTickets, role('ReceiveAppTicketRole')),
      ...given(hasUsers, role('RotateUserTokenRole'), role('RenewUserTokensRole')),
    ],
    secretsKeyWriters: [
      ...given(hasTickets, role('QueryImportRole'), role('ReceiveAppTicketRole')),
      ...given(hasUsers, role('RotateUserTokenRole')),
    ],
    secretsKeyReadersPolicy: key ? partOf('secrets-key', 'readers') : {},
    secretsKeyWritersPolicy:
      key && (hasTickets || hasUsers) ? partOf('secrets-key', 'writers') : {},
    credentialAlarms: [
      ...given(hasTickets, alarm('AppTicketErrorsAlarm')),
      ...given(
        hasUsers,
        alarm('RotationErrorsAlarm'),
        alarm('TokensNotRenewedAlarm'),
        alarm('AuthorisationNeededAlarm'),
        alarm('RenewalErrorsAlarm'),
      ),
    ],
    feishuGroupCredentialResources:
      checked.feishuGroupWebhookSecret && (hasTickets || hasUsers)
        ? `\${file(infra/feishu-group-credentials.yml)}`
        : {},
  };
}

/** The names that something in the settings must mend before any import can go well again. */
const ownFaults: ErrorName[] = [
  'Feishu.CredentialsRejected',
  'Feishu.ScopeMissing',
  'Feishu.IpNotAllowed',
  'Feishu.QuotaExceeded',
  'Feishu.TokenRejected',
  'Feishu.AppTicketMissing',
  'Feishu.AuthorisationExpired',
  // an app that is disabled or not installed, and whatever nobody has documented
  'Feishu.Rejected',
];
const outages: ErrorName[] = ['Feishu.Unavailable', 'Import.TimedOut'];
const rest = (Object.keys(errorCatalogue) as ErrorName[]).filter(
  (name) => !ownFaults.includes(name) && !outages.includes(name),
);
const startingWith = (...prefixes: string[]) =>
  rest.filter((name) => prefixes.some((prefix) => name.startsWith(prefix)));
const failedImports = startingWith('Import.');
const callersFaults = startingWith('Feishu.', 'Input.');

/** The error names of each rule on ended executions. Whatever is in none of them is a fault of our own. */
export const errorNames = {
  outages,
  failedImports,
  callersFaults,
  notOwnFaults: [...outages, ...failedImports, ...callersFaults],
};

/** The state machine as a string: osls and CloudFormation drop or refuse the nulls of a JSON object. */
export const stateMachineDefinition = readFileSync(
  new URL('import.asl.json', import.meta.url),
  'utf8',
);

type Osls = {
  options: Partial<Record<'stage' | 'region', string | null>> & {
    param?: string | string[] | null;
  };
  resolveConfigurationProperty: (path: string[]) => Promise<unknown>;
};

/** As serverless.yml calls it: the params of the stage, then those of the command line. */
export async function deploySettings({ options, resolveConfigurationProperty }: Osls) {
  const stage = options.stage ?? 'dev';
  const params = ((await resolveConfigurationProperty(['params'])) ?? {}) as Record<string, Params>;
  try {
    return templateSettings(stage, {
      ...params.default,
      ...params[stage],
      ...paramsOfCommandLine(options.param),
    });
  } catch (error) {
    throw plain(error);
  }
}

function paramsOfCommandLine(given: string | string[] | null | undefined): Params {
  const pairs = [given ?? []].flat().map((pair) => {
    const equals = pair.indexOf('=');
    if (equals < 1) throw new ConfigError(`--param must be name=value, not "${pair}"`);
    return [pair.slice(0, equals), pair.slice(equals + 1)];
  });
  return Object.fromEntries(pairs);
}

/** Without a region osls would deploy to one of its own choice; to package, none is needed. */
export function deployRegion(
  { options }: Pick<Osls, 'options'>,
  environment: NodeJS.ProcessEnv = process.env,
  needed = !process.argv.includes('package'),
): string | null {
  const region = options.region || environment.AWS_REGION || environment.AWS_DEFAULT_REGION;
  if (needed && !region) {
    throw plain(
      new ConfigError('region is not set: name it, with --region or AWS_REGION, as cn-north-1'),
    );
  }
  return region || null;
}

/** osls prints the stack of what is thrown here, and who deploys needs the message alone. */
function plain(error: unknown): unknown {
  if (error instanceof ConfigError) error.stack = error.message;
  return error;
}

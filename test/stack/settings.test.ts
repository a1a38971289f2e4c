import { expect, test } from 'vitest';
import { deployRegion, deploySettings, templateSettings } from '../../infra/deploy-settings.ts';

function messageOf(params: Record<string, unknown>, stage = 'dev'): string {
  try {
    templateSettings(stage, params);
  } catch (error) {
    return (error as Error).message;
  }
  return 'no fault';
}

test('needs no setting at all', () => {
  const settings = templateSettings('dev', {});

  expect(settings).toMatchObject({
    feishuBaseUrl: 'https://open.feishu.cn',
    feishuTimeoutMs: '8000',
    feishuOutageSeconds: '900',
    profileSecretPrefix: 'feishu-import/dev/',
    logRetentionDays: 30,
    queryReservedConcurrency: null,
    throttlingRateLimit: 50,
    throttlingBurstLimit: 100,
    failedImportsPerHour: 20,
    runtime: 'nodejs24.x',
    architecture: 'arm64',
    authorizer: { type: 'aws_iam' },
    authorizers: {},
    vpc: null,
    topicSubscriptions: [],
    feishuAllowedBaseUrls: '',
    appTickets: 'off',
    appTicketFunctions: {},
    appTicketResources: {},
    openRouteEvents: [],
    openRouteResources: {},
    userTokens: 'false',
    userTokenApi: 'v3',
    userTokenFunctions: {},
    userTokenResources: {},
    secretsKeyReadersPolicy: {},
    secretsKeyWritersPolicy: {},
    feishuGroupCredentialResources: {},
  });
});

test.for([
  ['private', false],
  ['public', true],
  ['both', true],
] as const)(
  'deploys what takes tickets for appTickets=%s; with an open route: %s',
  ([way, isOpen]) => {
    const settings = templateSettings('dev', { appTickets: way });

    expect(settings.appTicketFunctions).toContain('app-tickets.yml');
    expect(settings.appTicketResources).toContain('app-tickets.yml');
    expect(settings.openRouteEvents.length > 0).toBe(isOpen);
    expect(typeof settings.openRouteResources === 'string').toBe(isOpen);
  },
);

test('never lets the open route take more than the others may', () => {
  const slow = { appTickets: 'public', throttlingRateLimit: 2, throttlingBurstLimit: 3 };

  expect(templateSettings('dev', slow)).toMatchObject({
    openRouteRateLimit: 2,
    openRouteBurstLimit: 3,
  });
});

test.for<[fault: string, params: Record<string, unknown>, message: string]>([
  ['an unknown setting', { logRetentionDay: 30 }, 'There is no setting logRetentionDay; the'],
  ['a URL without https', { feishuBaseUrl: 'http://open.feishu.cn' }, 'feishuBaseUrl must be an'],
  ['a URL with a query', { feishuBaseUrl: 'https://a.example?b=c' }, 'without user, query or'],
  ['no URL', { feishuBaseUrl: 'open.feishu.cn' }, 'such as https://open.feishu.cn or'],
  ['a time limit of 0', { feishuTimeoutMs: 0 }, 'feishuTimeoutMs must be a whole number from 100'],
  ['an outage of a minute in words', { feishuOutageSeconds: '1m' }, 'feishuOutageSeconds must be'],
  ['a prefix without its slash', { profileSecretPrefix: 'feishu' }, 'profileSecretPrefix must'],
  ['a prefix of everything', { profileSecretPrefix: '*' }, 'end with a slash, as feishu-import/'],
  [
    'a host that is allowed without https',
    { feishuAllowedBaseUrls: 'https://a.example,http://b' },
    'feishuAllowedBaseUrls must be one or more of the form https://open.feishu.example.com',
  ],
  [
    'an allowed host with a user',
    { feishuAllowedBaseUrls: 'https://a:b@c.example' },
    'feishuAllowedBaseUrls must be',
  ],
  ['the name of a key', { secretsKmsKeyArn: 'alias/secrets' }, 'secretsKmsKeyArn must be the ARN'],
  [
    'an unknown way for tickets',
    { appTickets: 'open' },
    'appTickets must be one of off, private, public, both, not "open"',
  ],
  [
    'users in other words',
    { userTokens: 'yes' },
    'userTokens must be one of false, true, not "yes"',
  ],
  ['an unknown token API', { userTokenApi: 'v1' }, 'userTokenApi must be one of v3, v2, not "v1"'],
  ['a retention of 0', { logRetentionDays: 0 }, 'logRetentionDays must be one of 1, 3, 5'],
  ['a retention CloudWatch has not', { logRetentionDays: '31' }, '365, 400'],
  ['a concurrency of 0', { queryReservedConcurrency: 0 }, 'queryReservedConcurrency must be a'],
  ['half a request', { throttlingRateLimit: 0.5 }, 'throttlingRateLimit must be a whole number'],
  ['a burst under the rate', { throttlingBurstLimit: 10 }, 'throttlingBurstLimit must not be'],
  ['a threshold of 0', { failedImportsPerHour: 0 }, 'failedImportsPerHour must be a whole number'],
  ['an old runtime', { runtime: 'nodejs20.x' }, 'runtime must be one of nodejs24.x, nodejs22.x'],
  ['an unknown architecture', { architecture: 'arm' }, 'architecture must be one of arm64, x86'],
  ['an issuer alone', { jwtIssuer: 'https://a.example' }, 'jwtIssuer and jwtAudience must both'],
  ['an audience alone', { jwtAudience: 'a' }, 'jwtIssuer and jwtAudience must both'],
  ['scopes alone', { jwtScopes: 'a' }, 'jwtScopes needs jwtIssuer'],
  ['subnets alone', { subnetIds: 'subnet-1' }, 'subnetIds and securityGroupIds must both'],
  ['no subnets', { subnetIds: 'vpc-1', securityGroupIds: 'sg-1' }, 'subnetIds must be one or'],
  ['no groups', { subnetIds: 'subnet-1', securityGroupIds: '1' }, 'securityGroupIds must be one'],
  ['no e-mail address', { alarmEmail: 'on-call' }, 'alarmEmail must be an e-mail address'],
])('refuses %s', ([, params, message]) => {
  expect(messageOf(params)).toContain(message);
});

test('names every wrong setting at once', () => {
  const message = messageOf({ feishuBaseUrl: 'x', logRetentionDays: 0 });

  expect(message).toContain('feishuBaseUrl');
  expect(message).toContain('logRetentionDays');
});

test('refuses a webhook in place of the name of its secret, without repeating it', () => {
  const message = messageOf({
    feishuGroupWebhookSecret: 'https://open.feishu.cn/open-apis/bot/v2/hook/0b5a',
  });

  expect(message).toContain('feishuGroupWebhookSecret must be the name of a secret');
  expect(message).not.toContain('0b5a');
});

test.for(['Prod', '1st', 'a-stage-with-a-long-name', 'a b'])('refuses the stage "%s"', (stage) => {
  expect(messageOf({}, stage)).toContain('stage must be up to 20 small letters');
});

test('takes the command line before the stage, and the stage before the default', async () => {
  const settings = await deploySettings({
    options: {
      stage: 'prod',
      param: ['logRetentionDays=90', 'jwtAudience=a=b', 'jwtIssuer=https://a.example'],
    },
    resolveConfigurationProperty: async () => ({
      default: { logRetentionDays: 1, feishuTimeoutMs: 1000, feishuOutageSeconds: 60 },
      prod: { logRetentionDays: 365, feishuTimeoutMs: 2000 },
    }),
  });

  expect(settings).toMatchObject({
    logRetentionDays: 90,
    feishuTimeoutMs: '2000',
    feishuOutageSeconds: '60',
    authorizers: { callers: { audience: ['a=b'] } },
  });
});

test('needs a region to deploy, and none to package', () => {
  expect(() => deployRegion({ options: {} }, {}, true)).toThrow('region is not set: name it, with');
  expect(deployRegion({ options: {} }, {}, false)).toBeNull();
});

test('takes the region of the command line before that of the environment', () => {
  const environment = { AWS_REGION: 'a-region' };

  expect(deployRegion({ options: {} }, environment, true)).toBe('a-region');
  expect(deployRegion({ options: { region: 'another' } }, environment, true)).toBe('another');
});

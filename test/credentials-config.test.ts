import { expect, test } from 'vitest';
import { renewalConfig, rotationConfig, ticketConfig } from '../functions/credentials-config.ts';

const prefix = { PROFILE_SECRET_PREFIX: 'feishu-import/dev/' };

test.for([
  ['public', true, false],
  ['private', false, true],
  ['both', true, true],
] as const)('app tickets that come %s', ([APP_TICKETS, isPublic, isPrivate]) => {
  expect(ticketConfig({ ...prefix, APP_TICKETS })).toEqual({
    profileSecretPrefix: 'feishu-import/dev/',
    isPublic,
    isPrivate,
  });
});

test('app tickets need to know where secrets are, and which ways in are open', () => {
  expect(() => ticketConfig({ APP_TICKETS: 'off' })).toThrow(
    'PROFILE_SECRET_PREFIX is not set\nAPP_TICKETS must be public, private or both',
  );
});

test("users' tokens are renewed at Feishu, by its newest endpoint, where nothing else is said", () => {
  expect(rotationConfig({})).toEqual({
    baseUrl: 'https://open.feishu.cn',
    allowedBaseUrls: [],
    userTokenApi: 'v3',
  });
});

test("users' tokens are renewed where it is said", () => {
  expect(
    rotationConfig({
      FEISHU_BASE_URL: 'https://open.larksuite.com/',
      FEISHU_ALLOWED_BASE_URLS: 'https://a.example',
      FEISHU_USER_TOKEN_API: 'v2',
    }),
  ).toEqual({
    baseUrl: 'https://open.larksuite.com',
    allowedBaseUrls: ['https://a.example'],
    userTokenApi: 'v2',
  });
  expect(() => rotationConfig({ FEISHU_USER_TOKEN_API: 'v4' })).toThrow(
    'FEISHU_USER_TOKEN_API must be v2 or v3',
  );
});

test('what looks for tokens to renew knows where they are, and what renews them', () => {
  const ROTATION_FUNCTION_ARN = 'arn:aws:lambda:eu-central-1:000000000000:function:rotate';

  expect(renewalConfig({ ...prefix, ROTATION_FUNCTION_ARN })).toEqual({
    profileSecretPrefix: 'feishu-import/dev/',
    rotationFunctionArn: ROTATION_FUNCTION_ARN,
    metricNamespace: 'FeishuImport',
  });
  expect(
    renewalConfig({ ...prefix, ROTATION_FUNCTION_ARN, METRIC_NAMESPACE: 'FeishuImport/dev' }),
  ).toMatchObject({ metricNamespace: 'FeishuImport/dev' });
  expect(() => renewalConfig({})).toThrow(
    'PROFILE_SECRET_PREFIX is not set\nROTATION_FUNCTION_ARN is not set',
  );
});

import { expect, test } from 'vitest';
import { readProfileSecret } from '../../functions/credentials/profile-secret.ts';

const secret = { kind: 'custom', app_id: 'cli_1', app_secret: 'RECOGNISABLE' };

test('reads the app of a custom profile', () => {
  expect(readProfileSecret(JSON.stringify(secret), 'feishu/a')).toEqual({
    kind: 'read',
    value: { kind: 'custom', appId: 'cli_1', appSecret: 'RECOGNISABLE', baseUrl: undefined },
  });
});

test.for([
  ['no JSON', 'RECOGNISABLE', 'it must be a JSON object'],
  ['no object', '["RECOGNISABLE"]', 'it must be a JSON object'],
  ['no kind', { ...secret, kind: undefined }, 'kind must be "custom"'],
  ['another kind', { ...secret, kind: 'RECOGNISABLE' }, 'kind must be "custom"'],
  ['no app_id', { ...secret, app_id: undefined }, 'app_id must be a string'],
  ['an empty app_secret', { ...secret, app_secret: ' ' }, 'app_secret must not be empty'],
  ['a number as app_secret', { ...secret, app_secret: 5 }, 'app_secret must be a string'],
  ['a misspelt key', { ...secret, appsecret: 'RECOGNISABLE' }, 'keys that are not known'],
] as const)('tells that a secret has %s, and no value of it', ([, content, fault]) => {
  const text = typeof content === 'string' ? content : JSON.stringify(content);

  const answer = readProfileSecret(text, 'feishu/a');

  expect(answer).toMatchObject({ kind: 'no_profile', reason: expect.stringContaining(fault) });
  expect(JSON.stringify(answer)).toContain('feishu/a');
  expect(JSON.stringify(answer)).not.toContain('RECOGNISABLE');
});

const isv = { kind: 'isv', app: 'cli_store', tenant_key: '2ed263bf32cf1651' };
const user = {
  kind: 'user',
  app_id: 'cli_1',
  app_secret: 'RECOGNISABLE',
  access_token: 'RECOGNISABLE-access',
  access_token_expires_at: '2026-01-31T08:00:00+08:00',
};
const renewable = {
  ...user,
  refresh_token: 'RECOGNISABLE-refresh',
  refresh_token_expires_at: '2026-02-07T00:00:00Z',
};

const read = (content: unknown) => readProfileSecret(JSON.stringify(content), 'feishu/a');

test("reads the app and the tenant of a store app's profile", () => {
  expect(read(isv)).toEqual({
    kind: 'read',
    value: {
      kind: 'isv',
      app: 'cli_store',
      tenantKey: '2ed263bf32cf1651',
      baseUrl: undefined,
    },
  });
});

test("reads the tokens of a user's profile, with their ends", () => {
  expect(read({ ...renewable, renewed_at: '2026-01-31T00:00:00Z', renewed_from: 'hash' })).toEqual({
    kind: 'read',
    value: {
      kind: 'user',
      appId: 'cli_1',
      appSecret: 'RECOGNISABLE',
      accessToken: 'RECOGNISABLE-access',
      accessTokenExpiresAt: Date.parse('2026-01-31T00:00:00Z'),
      refreshToken: 'RECOGNISABLE-refresh',
      refreshTokenExpiresAt: Date.parse('2026-02-07T00:00:00Z'),
      renewedAt: Date.parse('2026-01-31T00:00:00Z'),
      renewedFrom: 'hash',
      authoriseAgain: undefined,
      baseUrl: undefined,
    },
  });
});

test('a user may have no refresh token, and a reason for it', () => {
  expect(read({ ...user, authorise_again: 'it was used' })).toMatchObject({
    value: { refreshToken: undefined, authoriseAgain: 'it was used' },
  });
});

test.for([secret, isv, user])(
  'takes the base URL of a $kind profile without its last slash',
  (content) => {
    expect(read({ ...content, base_url: 'https://open.larksuite.com/' })).toMatchObject({
      value: { baseUrl: 'https://open.larksuite.com' },
    });
    expect(read({ ...content, base_url: 'http://127.0.0.1:4000' })).toMatchObject({ kind: 'read' });
  },
);

const anAddress = 'base_url must be an https URL';
const aTime = 'must be a time such as 2026-01-31T08:00:00Z';

test.for([
  ['http elsewhere as base_url', { ...secret, base_url: 'http://RECOGNISABLE.cn' }, anAddress],
  ['no URL as base_url', { ...isv, base_url: 'RECOGNISABLE' }, anAddress],
  ['a user in base_url', { ...user, base_url: 'https://RECOGNISABLE@open.feishu.cn' }, anAddress],
  ['null as base_url', { ...secret, base_url: null }, anAddress],
  ['no app', { ...isv, app: undefined }, 'app must be a string'],
  ['a path as app', { ...isv, app: '../RECOGNISABLE' }, 'app must be the app_id of a store app'],
  ['no tenant_key', { ...isv, tenant_key: undefined }, 'tenant_key must be a string'],
  ['an empty tenant_key', { ...isv, tenant_key: '' }, 'tenant_key must not be empty'],
  [
    'the app_secret of a store app',
    { ...isv, app_secret: 'RECOGNISABLE' },
    'known are kind, app, tenant_key',
  ],
  ['no access_token', { ...user, access_token: undefined }, 'access_token must be a string'],
  [
    'no end of its token',
    { ...user, access_token_expires_at: undefined },
    `access_token_expires_at ${aTime}`,
  ],
  [
    'seconds as an end',
    { ...user, access_token_expires_at: 1_700_000_000 },
    `access_token_expires_at ${aTime}`,
  ],
  [
    'a local time as an end',
    { ...user, access_token_expires_at: '2026-01-31T08:00:00' },
    `access_token_expires_at ${aTime}`,
  ],
  [
    'an empty refresh_token',
    { ...renewable, refresh_token: '' },
    'refresh_token must not be empty',
  ],
  [
    'no time as an end',
    { ...renewable, refresh_token_expires_at: 'RECOGNISABLE' },
    `refresh_token_expires_at ${aTime}`,
  ],
  ['no time of renewal', { ...user, renewed_at: 'RECOGNISABLE' }, `renewed_at ${aTime}`],
  ['the tenant of a user', { ...user, tenant_key: 'RECOGNISABLE' }, 'keys that are not known'],
] as const)(
  'tells that a secret of each kind may not have %s, and no value of it',
  ([, content, fault]) => {
    const answer = read(content);

    expect(answer).toEqual({
      kind: 'no_profile',
      reason: expect.stringMatching(/^the secret feishu\/a cannot be understood: /),
      reasonZh: expect.stringContaining(fault),
    });
    expect(answer).toMatchObject({ reason: expect.stringContaining(fault) });
    expect(JSON.stringify(answer)).not.toContain('RECOGNISABLE');
  },
);

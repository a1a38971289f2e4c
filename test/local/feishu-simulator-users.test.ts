import * as lark from '@larksuiteoapi/node-sdk';
import { request } from 'undici';
import { expect, test } from 'vitest';
import {
  demoApp,
  type FeishuSimulator,
  type FeishuSimulatorOptions,
  startFeishuSimulator,
  type TokenReply,
} from '../../infra/local/feishu-simulator.ts';

const ticket = '7369583175086912356';
const importPath = `/open-apis/drive/v1/import_tasks/${ticket}`;
const userInfoPath = '/open-apis/authen/v1/user_info';
const v2 = '/open-apis/authen/v2/oauth/token';
const v3 = '/oauth/v3/token';
const finished = { job_status: 0, token: 'Fm7osyjtMh5o7Ktrv32c73abcef' };
const grant = {
  grant_type: 'refresh_token',
  client_id: demoApp.appId,
  client_secret: demoApp.appSecret,
};
const day = 24 * 3600;

async function post(
  simulator: FeishuSimulator,
  path: string,
  body: string,
  headers: Record<string, string> = {},
) {
  const answer = await request(simulator.url + path, { method: 'POST', body, headers });
  return { http: answer.statusCode, json: JSON.parse(await answer.body.text()) };
}

const refresh = (simulator: FeishuSimulator, refreshToken: string, path = v2) =>
  post(simulator, path, JSON.stringify({ ...grant, refresh_token: refreshToken }));

async function get(simulator: FeishuSimulator, path: string, token?: string) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await request(simulator.url + path, { headers });
  return { http: answer.statusCode, json: JSON.parse(await answer.body.text()) };
}

async function start(options: FeishuSimulatorOptions = {}) {
  const apps = [demoApp, { appId: 'cli_other', appSecret: 'other-secret' }];
  const simulator = await startFeishuSimulator({ apps, ...options });
  simulator.script(ticket, { replies: [{ result: finished }] });
  return simulator;
}

function startClock() {
  let milliseconds = Date.parse('2026-10-01T08:00:00Z');
  return {
    now: () => milliseconds,
    advanceSeconds: (seconds: number) => {
      milliseconds += seconds * 1000;
    },
  };
}

test('authorises a user: two tokens of a real length, with their ends', async () => {
  const { now } = startClock();
  await using simulator = await start({ now });

  const pair = simulator.authoriseUser(demoApp.appId);

  expect(pair).toEqual({
    accessToken: expect.stringMatching(/^eyJ[\w-]{1000,}$/),
    accessTokenExpiresAt: now() + 7200_000,
    refreshToken: expect.stringMatching(/^eyJ[\w-]{1000,}$/),
    refreshTokenExpiresAt: now() + 604_800_000,
  });
  expect(simulator.issuedTokens).toEqual([pair.accessToken, pair.refreshToken]);
});

test('authorises users of store apps too, and of no unknown one', async () => {
  const keys = { encryptKey: 'k', verificationToken: 'v', tenantKeys: [] };
  const isvApps = [{ appId: 'cli_store', appSecret: 'store-secret', ...keys }];
  await using simulator = await start({ isvApps });
  const { refreshToken } = simulator.authoriseUser('cli_store');

  const client = { client_id: 'cli_store', client_secret: 'store-secret' };
  const body = { ...grant, ...client, refresh_token: refreshToken };
  expect((await post(simulator, v2, JSON.stringify(body))).json.code).toBe(0);
  expect(() => simulator.authoriseUser('cli_forged')).toThrow('cli_forged');
});

test('tells who a user is', async () => {
  await using simulator = await start();
  const person = { name: '李雷', openId: 'ou_1' };
  const { accessToken } = simulator.authoriseUser(demoApp.appId, person);

  const { http, json } = await get(simulator, userInfoPath, accessToken);

  expect(http).toBe(200);
  expect(json).toEqual({ code: 0, msg: 'success', data: { name: '李雷', open_id: 'ou_1' } });
});

test('takes a user token for a query', async () => {
  await using simulator = await start();
  const { accessToken } = simulator.authoriseUser(demoApp.appId);

  const { http, json } = await get(simulator, importPath, accessToken);

  expect([http, json.data.result.token]).toEqual([200, finished.token]);
});

test('counts the queries of an app and of its users as one', async () => {
  const { now } = startClock();
  await using simulator = await start({ now, rateLimit: { perSecond: 1, perMinute: 1 } });
  const one = simulator.authoriseUser(demoApp.appId);
  const other = simulator.authoriseUser(demoApp.appId);

  expect((await get(simulator, importPath, one.accessToken)).http).toBe(200);
  expect((await get(simulator, importPath, other.accessToken)).http).toBe(429);
});

test.for([importPath, userInfoPath])(
  'refuses unknown and ended user tokens at %s',
  async (path) => {
    const clock = startClock();
    await using simulator = await start({ now: clock.now, userTokenSeconds: 5 });
    const { accessToken } = simulator.authoriseUser(demoApp.appId);

    clock.advanceSeconds(4.9);
    expect((await get(simulator, path, accessToken)).json.code).toBe(0);

    clock.advanceSeconds(0.1);
    const ended = await get(simulator, path, accessToken);
    expect([ended.http, ended.json.code]).toEqual([400, 99991677]);
    expect((await get(simulator, path, 'eyJhbGciOiJFUzI1NiIs')).json.code).toBe(99991668);
    expect((await get(simulator, path)).json.code).toBe(99991661);
  },
);

test('tells nothing about a user to a tenant token', async () => {
  await using simulator = await start();
  const credentials = { app_id: demoApp.appId, app_secret: demoApp.appSecret };
  const path = '/open-apis/auth/v3/tenant_access_token/internal';
  const { json } = await post(simulator, path, JSON.stringify(credentials));

  const answer = await get(simulator, userInfoPath, json.tenant_access_token);

  expect(answer.json.code).toBe(99991668);
});

test('expires user tokens, and their refresh tokens still renew them', async () => {
  await using simulator = await start();
  const { accessToken, refreshToken } = simulator.authoriseUser(demoApp.appId);

  simulator.expireTokens();

  expect((await get(simulator, importPath, accessToken)).json.code).toBe(99991677);
  const { json } = await refresh(simulator, refreshToken);
  expect((await get(simulator, importPath, json.access_token)).json.code).toBe(0);
});

test.for([v2, v3])('renews a pair at %s, and the old access token lives on', async (path) => {
  await using simulator = await start();
  const scope = 'docs:document:import offline_access';
  const old = simulator.authoriseUser(demoApp.appId, { openId: 'ou_1', scope });

  const { http, json } = await refresh(simulator, old.refreshToken, path);

  expect(http).toBe(200);
  expect(json).toEqual({
    code: 0,
    access_token: expect.stringMatching(/^eyJ/),
    expires_in: 7200,
    refresh_token: expect.stringMatching(/^eyJ/),
    refresh_token_expires_in: 604_800,
    token_type: 'Bearer',
    scope,
  });
  const { accessToken, refreshToken } = old;
  const pairs = [accessToken, refreshToken, json.access_token, json.refresh_token];
  expect(simulator.issuedTokens).toEqual(pairs);
  expect(new Set(pairs).size).toBe(4);
  for (const token of [old.accessToken, json.access_token]) {
    const { data } = (await get(simulator, userInfoPath, token)).json;
    expect(data.open_id).toBe('ou_1');
  }
});

test('gives both tokens the lives it is told', async () => {
  await using simulator = await start({ userTokenSeconds: 60, refreshTokenSeconds: 600 });
  const { refreshToken } = simulator.authoriseUser(demoApp.appId);

  const { json } = await refresh(simulator, refreshToken);

  expect([json.expires_in, json.refresh_token_expires_in]).toEqual([60, 600]);
});

test('refuses a refresh token the second time, and tells so', async () => {
  await using simulator = await start();
  const { refreshToken } = simulator.authoriseUser(demoApp.appId);
  const renewed = (await refresh(simulator, refreshToken)).json;

  const { http, json } = await refresh(simulator, refreshToken);

  expect(http).toBe(400);
  expect(json).toEqual({
    code: 20073,
    error: 'invalid_grant',
    error_description:
      'The refresh token has been used. Please note that a refresh token can only be used once.',
  });
  expect(simulator.refreshUses).toEqual([
    { refreshToken, outcome: 'renewed', alreadyUsed: false },
    { refreshToken, outcome: 'refused', alreadyUsed: true },
  ]);
  expect((await refresh(simulator, renewed.refresh_token)).json.code).toBe(0);
});

test('renews once for two requests at the same time', async () => {
  await using simulator = await start();
  const { refreshToken } = simulator.authoriseUser(demoApp.appId);

  const answers = await Promise.all([v2, v3].map((path) => refresh(simulator, refreshToken, path)));

  expect(answers.map(({ json }) => json.code).sort()).toEqual([0, 20073]);
  expect(simulator.refreshUses.map(({ alreadyUsed }) => alreadyUsed)).toEqual([false, true]);
});

test('renews the tokens of both endpoints at v3, at v2 only its own', async () => {
  await using simulator = await start();
  const [fromV2, fromV3] = [
    simulator.authoriseUser(demoApp.appId),
    simulator.authoriseUser(demoApp.appId, { generation: 'v3' }),
  ];

  const first = await refresh(simulator, fromV2.refreshToken, v3);
  expect((await refresh(simulator, first.json.refresh_token, v2)).json.code).toBe(20026);
  expect((await refresh(simulator, first.json.refresh_token, v3)).json.code).toBe(0);
  expect((await refresh(simulator, fromV3.refreshToken, v2)).json.code).toBe(20026);
  expect((await refresh(simulator, fromV3.refreshToken, v3)).json.code).toBe(0);
});

const otherClient = { client_id: 'cli_other', client_secret: 'other-secret' };

test.for([
  ['an unknown token', { refresh_token: 'eyJ' }, 20026, 'invalid_grant'],
  ['the token of another app', otherClient, 20024, 'invalid_grant'],
  ['an unknown app', { client_id: 'cli_forged' }, 20048, 'invalid_client'],
  ['a wrong secret', { client_secret: 'x' }, 20002, 'invalid_client'],
  ['another grant', { grant_type: 'authorization_code' }, 20036, 'unsupported_grant_type'],
  ['no grant', { grant_type: undefined }, 20001, 'invalid_request'],
  ['no secret', { client_secret: undefined }, 20001, 'invalid_request'],
  ['no token', { refresh_token: undefined }, 20001, 'invalid_request'],
] as const)('refuses %s, and the token can still be used', async ([, fields, code, error]) => {
  await using simulator = await start();
  const { refreshToken } = simulator.authoriseUser(demoApp.appId);
  const body = JSON.stringify({ ...grant, refresh_token: refreshToken, ...fields });

  const { http, json } = await post(simulator, v2, body);

  expect(http).toBe(400);
  expect(json).toEqual({ code, error, error_description: expect.any(String) });
  expect((await refresh(simulator, refreshToken)).json.code).toBe(0);
});

test('refuses a revoked refresh token', async () => {
  await using simulator = await start();
  const { refreshToken } = simulator.authoriseUser(demoApp.appId);

  simulator.revokeRefreshTokens();

  expect((await refresh(simulator, refreshToken)).json.code).toBe(20064);
});

test('still calls a used refresh token used when the others are revoked', async () => {
  await using simulator = await start();
  const { refreshToken } = simulator.authoriseUser(demoApp.appId);
  await refresh(simulator, refreshToken);

  simulator.revokeRefreshTokens();

  expect((await refresh(simulator, refreshToken)).json.code).toBe(20073);
});

test('refuses a refresh token at its end', async () => {
  const clock = startClock();
  await using simulator = await start({ now: clock.now });
  const [one, other] = [
    simulator.authoriseUser(demoApp.appId),
    simulator.authoriseUser(demoApp.appId),
  ];

  clock.advanceSeconds(7 * day - 1);
  expect((await refresh(simulator, one.refreshToken)).json.code).toBe(0);

  clock.advanceSeconds(1);
  expect((await refresh(simulator, other.refreshToken)).json.code).toBe(20037);
});

test('wants a new consent after 365 days, however often the tokens were renewed', async () => {
  const clock = startClock();
  await using simulator = await start({ now: clock.now });
  let { refreshToken } = simulator.authoriseUser(demoApp.appId);
  for (let days = 0; days < 360; days += 6) {
    clock.advanceSeconds(6 * day);
    refreshToken = (await refresh(simulator, refreshToken)).json.refresh_token;
  }

  clock.advanceSeconds(5 * day);

  expect((await refresh(simulator, refreshToken)).json.code).toBe(20037);
});

const formHeaders = { 'content-type': 'application/x-www-form-urlencoded' };

test.for([
  [v3, 0],
  [v2, 20063],
] as const)('reads a form at %s with code %i', async ([path, code]) => {
  await using simulator = await start();
  const { refreshToken } = simulator.authoriseUser(demoApp.appId);
  const form = new URLSearchParams({ ...grant, refresh_token: refreshToken });

  const { json } = await post(simulator, path, form.toString(), formHeaders);

  expect(json.code).toBe(code);
});

test.for(['', 'null', '[]', '{"grant_type":'])('refuses the body %j', async (body) => {
  await using simulator = await start();

  const { http, json } = await post(simulator, v3, body);

  expect([http, json.code]).toEqual([400, 20063]);
  expect(simulator.refreshUses).toEqual([]);
});

test('refuses two ways of telling the secret at once', async () => {
  await using simulator = await start();
  const { refreshToken } = simulator.authoriseUser(demoApp.appId);
  const body = JSON.stringify({ ...grant, refresh_token: refreshToken });

  const { json } = await post(simulator, v3, body, { authorization: 'Basic eDp5' });

  expect(json.code).toBe(20070);
});

test.for([
  [{ error: { code: 20050 } }, 500, 20050, 'server_error'],
  [{ error: { code: 20072 } }, 503, 20072, 'temporarily_unavailable'],
  [{ error: { code: 20074 } }, 400, 20074, 'unauthorized_client'],
  [{ error: { code: 20010, msg: 'no' } }, 400, 20010, 'invalid_grant'],
  [{ error: { code: 424242, http: 418 } }, 418, 424242, 'invalid_grant'],
] as [TokenReply, number, number, string][])(
  'plays %j in the flat shape, and the token can still be used',
  async ([reply, status, code, error]) => {
    await using simulator = await start();
    const { refreshToken } = simulator.authoriseUser(demoApp.appId);
    simulator.scriptUserTokenEndpoint([reply]);

    const { http, json } = await refresh(simulator, refreshToken);

    expect(http).toBe(status);
    expect(json).toEqual({ code, error, error_description: expect.any(String) });
    expect((await refresh(simulator, refreshToken)).json.code).toBe(0);
    expect(simulator.refreshUses).toEqual([
      { refreshToken, outcome: 'refused', alreadyUsed: false },
      { refreshToken, outcome: 'renewed', alreadyUsed: false },
    ]);
  },
);

test.for([
  ['dropped', { fault: 'drop' }],
  ['cut off', { fault: 'dropMidBody' }],
] as const)('spends a refresh token whose answer is %s', async ([, instead]) => {
  await using simulator = await start();
  const { refreshToken } = simulator.authoriseUser(demoApp.appId);
  simulator.scriptUserTokenEndpoint([{ issue: true, instead }]);

  await expect(refresh(simulator, refreshToken)).rejects.toThrow();

  expect(simulator.issuedTokens).toHaveLength(4);
  expect(simulator.refreshUses).toEqual([{ refreshToken, outcome: 'renewed', alreadyUsed: false }]);
  expect((await refresh(simulator, refreshToken)).json.code).toBe(20073);
});

test('spends a refresh token for an error instead of the answer', async () => {
  await using simulator = await start();
  const { refreshToken } = simulator.authoriseUser(demoApp.appId);
  simulator.scriptUserTokenEndpoint([{ issue: true, instead: { error: { code: 20050 } } }]);

  expect((await refresh(simulator, refreshToken)).http).toBe(500);
  expect((await refresh(simulator, refreshToken)).json.code).toBe(20073);
});

test('waits before an answer that is scripted to be late', async () => {
  await using simulator = await start();
  const { refreshToken } = simulator.authoriseUser(demoApp.appId);
  simulator.scriptUserTokenEndpoint([{ issue: true, delayMs: 20 }]);
  const startedAt = performance.now();

  expect((await refresh(simulator, refreshToken)).json.code).toBe(0);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(19);
});

test('plays what the user info is scripted to say', async () => {
  await using simulator = await start();
  const { accessToken } = simulator.authoriseUser(demoApp.appId);
  simulator.scriptEndpoint('userInfo', [{ error: { code: 20005 } }]);

  expect((await get(simulator, userInfoPath, accessToken)).json).toMatchObject({
    code: 20005,
    msg: 'invalid access_token',
  });
  expect((await get(simulator, userInfoPath, accessToken)).json.code).toBe(0);
});

// an HTTP proxy in the environment must not come between the SDK and this machine
lark.defaultHttpInstance.defaults.proxy = false;

const silent = () => {};
const logger = { error: silent, warn: silent, info: silent, debug: silent, trace: silent };

test('renews the tokens of the official SDK, and makes it throw for a used one', async () => {
  await using simulator = await start();
  const { refreshToken } = simulator.authoriseUser(demoApp.appId);
  const { url } = simulator;
  const client = new lark.Client({ ...demoApp, domain: url, oauthBaseUrl: url, logger });

  const renewed = await client.accessToken.refresh({ refreshToken });
  const answer = await client.drive.v1.importTask.get(
    { path: { ticket } },
    lark.withUserAccessToken(renewed.accessToken),
  );

  expect(renewed).toMatchObject({ expiresIn: 7200, refreshTokenExpiresIn: 604_800 });
  expect(answer.data?.result?.token).toBe(finished.token);
  await expect(client.accessToken.refresh({ refreshToken })).rejects.toMatchObject({ code: 20073 });
});

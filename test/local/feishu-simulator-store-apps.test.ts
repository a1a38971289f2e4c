import { request } from 'undici';
import { expect, test } from 'vitest';
import {
  demoApp,
  type FeishuSimulator,
  type FeishuSimulatorOptions,
  type IsvApp,
  startFeishuSimulator,
} from '../../infra/local/feishu-simulator.ts';

const ticket = '7369583175086912356';
const importPath = `/open-apis/drive/v1/import_tasks/${ticket}`;
const resendPath = '/open-apis/auth/v3/app_ticket/resend';
const appTokenPath = '/open-apis/auth/v3/app_access_token';
const tenantTokenPath = '/open-apis/auth/v3/tenant_access_token';
const finished = { job_status: 0, token: 'Fm7osyjtMh5o7Ktrv32c73abcef' };
const tenantKey = '2ed263bf32cf1651';
const storeApp: IsvApp = {
  appId: 'cli_store',
  appSecret: 'store-secret',
  encryptKey: 'kudryavka',
  verificationToken: '41a9425ea7df4536a7623e38fa321bae',
  tenantKeys: [tenantKey, '736588c9260f175d'],
};
const otherApp: IsvApp = { ...storeApp, appId: 'cli_other', appSecret: 'other-secret' };
const credentials = { app_id: storeApp.appId, app_secret: storeApp.appSecret };

async function post(simulator: FeishuSimulator, path: string, body: unknown) {
  const answer = await request(simulator.url + path, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { http: answer.statusCode, json: JSON.parse(await answer.body.text()) };
}

async function query(simulator: FeishuSimulator, token: string) {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await request(simulator.url + importPath, { headers });
  return { http: answer.statusCode, json: JSON.parse(await answer.body.text()) };
}

/** A simulator whose store apps have a ticket each, though no place for events. */
async function start(options: FeishuSimulatorOptions = {}) {
  const simulator = await startFeishuSimulator({ isvApps: [storeApp, otherApp], ...options });
  simulator.script(ticket, { replies: [{ result: finished }] });
  await post(simulator, resendPath, credentials);
  await post(simulator, resendPath, { app_id: 'cli_other', app_secret: 'other-secret' });
  return simulator;
}

const askForAppToken = (simulator: FeishuSimulator, fields: object = {}) =>
  post(simulator, appTokenPath, {
    ...credentials,
    app_ticket: simulator.newestAppTicket(storeApp.appId),
    ...fields,
  });

async function askForTenantToken(simulator: FeishuSimulator, fields: object = {}) {
  const { json } = await askForAppToken(simulator);
  const body = { app_access_token: json.app_access_token, tenant_key: tenantKey, ...fields };
  return post(simulator, tenantTokenPath, body);
}

const tenantTokenOf = async (simulator: FeishuSimulator, fields: object = {}): Promise<string> =>
  (await askForTenantToken(simulator, fields)).json.tenant_access_token;

function startClock() {
  let milliseconds = Date.parse('2026-10-01T08:00:00Z');
  return {
    now: () => milliseconds,
    advanceSeconds: (seconds: number) => {
      milliseconds += seconds * 1000;
    },
  };
}

test('accepts the request for another ticket, and makes one', async () => {
  await using simulator = await startFeishuSimulator({ isvApps: [storeApp] });
  expect(simulator.newestAppTicket(storeApp.appId)).toBeUndefined();

  const { http, json } = await post(simulator, resendPath, credentials);

  expect([http, json]).toEqual([200, { code: 0, msg: 'success' }]);
  expect(simulator.newestAppTicket(storeApp.appId)).toMatch(/^[0-9a-f]{32}$/);
});

test.for([
  ['a custom app', { app_id: demoApp.appId, app_secret: demoApp.appSecret }, 10016],
  ['an unknown app', { ...credentials, app_id: 'cli_forged' }, 10003],
  ['a wrong secret', { ...credentials, app_secret: 'x' }, 10014],
  ['no JSON', 'app_id=cli_store', 10003],
] as const)('refuses to send a ticket again to %s', async ([, body, code]) => {
  await using simulator = await startFeishuSimulator({ isvApps: [storeApp] });

  const { http, json } = await post(simulator, resendPath, body);

  expect([http, json.code]).toEqual([200, code]);
  expect(simulator.newestAppTicket(storeApp.appId)).toBeUndefined();
});

test('counts how often each app asked for its ticket', async () => {
  await using simulator = await startFeishuSimulator({ isvApps: [storeApp] });
  simulator.scriptEndpoint('appTicketResend', [{ raw: { http: 502, body: '{}' } }]);

  await post(simulator, resendPath, credentials);
  await post(simulator, resendPath, credentials);
  await post(simulator, resendPath, { ...credentials, app_id: 'cli_forged' });

  expect(simulator.resends(storeApp.appId)).toBe(2);
  expect(simulator.resends('cli_other')).toBe(0);
});

test('issues an app token for a ticket, in a flat answer', async () => {
  await using simulator = await start();

  const { http, json } = await askForAppToken(simulator);

  expect(http).toBe(200);
  expect(json).toEqual({
    code: 0,
    msg: 'success',
    app_access_token: expect.stringMatching(/^a-/),
    expire: 7140,
  });
  expect(simulator.issuedTokens).toEqual([json.app_access_token]);
});

test.for([
  ['a wrong ticket', { app_ticket: 'g-1' }, 10012],
  ['no ticket', { app_ticket: undefined }, 10012],
  ['a wrong secret', { app_secret: 'x' }, 10014],
  ['an unknown app', { app_id: 'cli_forged' }, 10003],
  ['the ticket of another app', { app_id: 'cli_other', app_secret: 'other-secret' }, 10012],
  ['a custom app', { app_id: demoApp.appId, app_secret: demoApp.appSecret }, 10012],
] as const)('refuses an app token for %s', async ([, fields, code]) => {
  await using simulator = await start();

  const { http, json } = await askForAppToken(simulator, fields);

  expect([http, json.code]).toEqual([200, code]);
  expect(simulator.issuedTokens).toEqual([]);
});

test('goes on taking the tickets before the newest, until they expire', async () => {
  await using simulator = await start();
  const old = simulator.newestAppTicket(storeApp.appId);
  await post(simulator, resendPath, credentials);

  expect(simulator.newestAppTicket(storeApp.appId)).not.toBe(old);
  expect((await askForAppToken(simulator, { app_ticket: old })).json.code).toBe(0);

  simulator.expireAppTickets();
  expect((await askForAppToken(simulator, { app_ticket: old })).json.code).toBe(10012);
  expect(simulator.newestAppTicket(storeApp.appId)).toBeUndefined();

  await post(simulator, resendPath, credentials);
  expect((await askForAppToken(simulator)).json.code).toBe(0);
});

test('issues a tenant token in a flat answer, and takes it for a query', async () => {
  await using simulator = await start();

  const { http, json } = await askForTenantToken(simulator);
  const answer = await query(simulator, json.tenant_access_token);

  expect(http).toBe(200);
  expect(json).toEqual({
    code: 0,
    msg: 'success',
    tenant_access_token: expect.stringMatching(/^t-/),
    expire: 7140,
  });
  expect(simulator.issuedTokens.at(-1)).toBe(json.tenant_access_token);
  expect(answer.json.data.result).toMatchObject(finished);
});

test('issues each tenant a token of its own', async () => {
  await using simulator = await start();

  const one = await tenantTokenOf(simulator);
  const other = await tenantTokenOf(simulator, { tenant_key: storeApp.tenantKeys[1] });

  expect(other).not.toBe(one);
  expect((await query(simulator, other)).json.code).toBe(0);
  expect(await tenantTokenOf(simulator)).toBe(one);
});

test.for([
  ['an unknown tenant', { tenant_key: '0' }, 200, 10013],
  ['no tenant', { tenant_key: undefined }, 200, 10013],
  ['an unknown app token', { app_access_token: 'a-7f1bcd13' }, 400, 99991664],
  ['no app token', { app_access_token: undefined }, 400, 99991664],
] as const)('refuses a tenant token for %s', async ([, fields, http, code]) => {
  await using simulator = await start();

  const answer = await askForTenantToken(simulator, fields);

  expect([answer.http, answer.json.code]).toEqual([http, code]);
});

test('takes no tenant token for an app token', async () => {
  await using simulator = await start();
  const app_access_token = await tenantTokenOf(simulator);

  const { json } = await askForTenantToken(simulator, { app_access_token });

  expect(json.code).toBe(99991664);
});

test('takes no app token for a query', async () => {
  await using simulator = await start();
  const { json } = await askForAppToken(simulator);

  expect((await query(simulator, json.app_access_token)).json.code).toBe(99991671);
});

test.for([
  ['app', askForAppToken, 'app_access_token'],
  ['tenant', askForTenantToken, 'tenant_access_token'],
] as const)('hands out the same %s token while 30 minutes are left', async ([, ask, field]) => {
  const clock = startClock();
  await using simulator = await start({ now: clock.now });
  const first = (await ask(simulator)).json;
  const issued = [...simulator.issuedTokens];

  clock.advanceSeconds(7140 - 1800);
  expect((await ask(simulator)).json).toEqual({ ...first, expire: 1800 });
  expect(simulator.issuedTokens).toEqual(issued);

  clock.advanceSeconds(1);
  const renewed = (await ask(simulator)).json;
  expect(renewed[field]).not.toBe(first[field]);
  expect(renewed.expire).toBe(7140);
});

test('gives the tokens of store apps the life it is told', async () => {
  const clock = startClock();
  await using simulator = await start({ now: clock.now, tokenSeconds: 5 });
  const { json } = await askForTenantToken(simulator);
  expect(json.expire).toBe(5);

  clock.advanceSeconds(4.9);
  expect((await query(simulator, json.tenant_access_token)).json.code).toBe(0);

  clock.advanceSeconds(0.1);
  expect((await query(simulator, json.tenant_access_token)).json.code).toBe(99991663);
});

test('expires tenant tokens and leaves app tokens alone', async () => {
  await using simulator = await start();
  const { app_access_token } = (await askForAppToken(simulator)).json;
  const expired = await tenantTokenOf(simulator);

  simulator.expireTokens();
  const refused = await query(simulator, expired);
  const renewed = await tenantTokenOf(simulator, { app_access_token });

  expect([refused.http, refused.json.code]).toEqual([400, 99991663]);
  expect((await query(simulator, renewed)).json.code).toBe(0);
});

test('expires app tokens and leaves tenant tokens alone', async () => {
  await using simulator = await start();
  const { app_access_token } = (await askForAppToken(simulator)).json;
  const tenantToken = await tenantTokenOf(simulator);

  simulator.expireAppTokens();

  expect((await askForTenantToken(simulator, { app_access_token })).json.code).toBe(99991664);
  expect((await askForTenantToken(simulator)).json.code).toBe(0);
  expect((await query(simulator, tenantToken)).json.code).toBe(0);
});

test('limits each tenant of an app on its own', async () => {
  const { now } = startClock();
  await using simulator = await start({ now, rateLimit: { perSecond: 1, perMinute: 1 } });
  const one = await tenantTokenOf(simulator);
  const other = await tenantTokenOf(simulator, { tenant_key: storeApp.tenantKeys[1] });

  expect((await query(simulator, one)).http).toBe(200);
  expect((await query(simulator, one)).http).toBe(429);
  expect((await query(simulator, other)).http).toBe(200);
});

test('plays what each endpoint is scripted to say, then its own answer again', async () => {
  await using simulator = await start();
  simulator.scriptEndpoint('storeAppToken', [{ error: { code: 10012 } }]);
  simulator.scriptEndpoint('storeTenantToken', [{ issue: true, instead: { fault: 'drop' } }]);

  expect((await askForAppToken(simulator)).json.code).toBe(10012);
  await expect(askForTenantToken(simulator)).rejects.toThrow();
  expect(simulator.issuedTokens).toHaveLength(2);
  expect(await tenantTokenOf(simulator)).toBe(simulator.issuedTokens[1]);
});

test('issues a store app no token of the kind for custom apps', async () => {
  await using simulator = await start();

  const { json } = await post(simulator, `${tenantTokenPath}/internal`, credentials);

  expect(json.code).toBe(10003);
});

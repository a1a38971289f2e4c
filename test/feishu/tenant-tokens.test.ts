import { expect, test } from 'vitest';
import { httpSender } from '../../functions/feishu/http.ts';
import {
  requestAppTicket,
  requestCustomAppToken,
  requestStoreAppToken,
  requestStoreTenantToken,
} from '../../functions/feishu/tenant-tokens.ts';
import {
  demoApp,
  type FeishuSimulator,
  type IsvApp,
  startFeishuSimulator,
} from '../../infra/local/feishu-simulator.ts';

const app: IsvApp = {
  appId: 'cli_store',
  appSecret: 'RECOGNISABLE-app-secret',
  encryptKey: 'key',
  verificationToken: 'token',
  tenantKeys: ['tenant-1'],
};
const appTicket = 'RECOGNISABLE-ticket';
const appAccessToken = 'RECOGNISABLE-app-token';

const connection = { send: httpSender({ timeoutMs: 2000, now: Date.now }), now: Date.now };
const soon = () => Date.now() + 5000;

const startSimulator = () => startFeishuSimulator({ isvApps: [app] });

/** Every endpoint, with credentials that are well formed. */
const endpoints = [
  [
    'the token of a custom app',
    'tenantToken',
    (url: string) => requestCustomAppToken(connection, url, app, soon()),
    '/open-apis/auth/v3/tenant_access_token/internal',
    { app_id: app.appId, app_secret: app.appSecret },
  ],
  [
    "a store app's own token",
    'storeAppToken',
    (url: string) => requestStoreAppToken(connection, url, { ...app, appTicket }, soon()),
    '/open-apis/auth/v3/app_access_token',
    { app_id: app.appId, app_secret: app.appSecret, app_ticket: appTicket },
  ],
  [
    "a tenant's token",
    'storeTenantToken',
    (url: string) =>
      requestStoreTenantToken(connection, url, { appAccessToken, tenantKey: 'tenant-1' }, soon()),
    '/open-apis/auth/v3/tenant_access_token',
    { app_access_token: appAccessToken, tenant_key: 'tenant-1' },
  ],
  [
    'a ticket',
    'appTicketResend',
    (url: string) => requestAppTicket(connection, url, app, soon()),
    '/open-apis/auth/v3/app_ticket/resend',
    { app_id: app.appId, app_secret: app.appSecret },
  ],
] as const;

test.for(endpoints)('asks for %s as documented', async ([, , ask, path, body]) => {
  await using simulator = await startSimulator();

  await ask(simulator.url);

  expect(simulator.requests).toMatchObject([
    { method: 'POST', path, headers: { 'content-type': 'application/json; charset=utf-8' } },
  ]);
  expect(JSON.parse(simulator.requests[0]?.body ?? '')).toEqual(body);
});

const script = (
  simulator: FeishuSimulator,
  endpoint: (typeof endpoints)[number][1],
  body: object,
) => simulator.scriptEndpoint(endpoint, [{ raw: { http: 400, body: JSON.stringify(body) } }]);

test.for(endpoints)(
  'a refusal of %s tells no secret that it echoes',
  async ([, endpoint, ask, , body]) => {
    await using simulator = await startSimulator();
    script(simulator, endpoint, { code: 10003, msg: `bad ${Object.values(body).join(' and ')}` });

    const answer = await ask(simulator.url);

    expect(answer).toMatchObject({
      kind: 'refusal',
      asked: 'token',
      httpStatus: 400,
      code: 10003,
      msg: expect.stringMatching(/^bad .*\[secret\]/),
    });
    expect(JSON.stringify(answer)).not.toContain('RECOGNISABLE');
  },
);

test.for(endpoints)(
  'who does not answer about %s may do so the next time',
  async ([, endpoint, ask]) => {
    await using simulator = await startSimulator();
    simulator.scriptEndpoint(endpoint, [{ fault: 'drop' }]);

    expect(await ask(simulator.url)).toMatchObject({ kind: 'no_answer' });
  },
);

test.for(endpoints.slice(0, 3))('code 0 without %s is no token', async ([, endpoint, ask]) => {
  await using simulator = await startSimulator();
  script(simulator, endpoint, { code: 0, msg: 'ok', expire: 7200 });

  expect(await ask(simulator.url)).toMatchObject({ kind: 'refusal', code: undefined });
});

test('a token for one kind of owner is not taken for one of another', async () => {
  await using simulator = await startSimulator();
  script(simulator, 'storeAppToken', { code: 0, tenant_access_token: 't-1', expire: 7200 });
  script(simulator, 'storeTenantToken', { code: 0, app_access_token: 'a-1', expire: 7200 });

  for (const [, , ask] of endpoints.slice(1, 3)) {
    expect(await ask(simulator.url)).toMatchObject({ kind: 'refusal', code: undefined });
  }
});

test('gets the token of a custom app, with its life', async () => {
  await using simulator = await startSimulator();

  expect(await requestCustomAppToken(connection, simulator.url, demoApp, soon())).toEqual({
    kind: 'token',
    token: simulator.issuedTokens[0],
    lifeSeconds: 7200,
  });
});

test("gets a store app's own token with the ticket, and a tenant's with that", async () => {
  await using simulator = await startSimulator();
  await simulator.pushAppTicket(app.appId).catch(() => {});
  const pushed = simulator.newestAppTicket(app.appId) ?? '';

  const own = await requestStoreAppToken(
    connection,
    simulator.url,
    { ...app, appTicket: pushed },
    soon(),
  );
  const credentials = {
    appAccessToken: own.kind === 'token' ? own.token : '',
    tenantKey: 'tenant-1',
  };
  const tenants = await requestStoreTenantToken(connection, simulator.url, credentials, soon());

  expect([own, tenants]).toEqual([
    { kind: 'token', token: simulator.issuedTokens[0], lifeSeconds: 7140 },
    { kind: 'token', token: simulator.issuedTokens[1], lifeSeconds: 7140 },
  ]);
});

test('hears that a ticket will be sent again', async () => {
  await using simulator = await startSimulator();

  expect(await requestAppTicket(connection, simulator.url, app, soon())).toEqual({ kind: 'asked' });
  expect(simulator.resends(app.appId)).toBe(1);
});

test('hears that a custom app has no tickets', async () => {
  await using simulator = await startFeishuSimulator();

  expect(await requestAppTicket(connection, simulator.url, demoApp, soon())).toMatchObject({
    kind: 'refusal',
    code: 10016,
  });
});

import { expect, test } from 'vitest';
import { awsSecrets } from '../../functions/credentials/aws-secrets.ts';
import { profilesFromSecrets } from '../../functions/credentials/secret-profiles.ts';
import { httpSender } from '../../functions/feishu/http.ts';
import { demoApp, startFeishuSimulator } from '../../infra/local/feishu-simulator.ts';
import { localSecretsClient } from '../../infra/local/secrets-manager/client.ts';
import { startLocalSecretsManager } from '../../infra/local/secrets-manager.ts';

// What two hundred queries share that start at once: one read of each secret and one request for each
// token, and one more of each after Feishu has refused the token to all of them.

const ticket = '7369583175086912356';
const many = 200;
const storeApp = {
  appId: 'cli_store',
  appSecret: 'secret-of-the-store-app',
  encryptKey: 'encrypt-key',
  verificationToken: 'verification-token',
  tenantKeys: ['tenant-1', 'tenant-2'],
};

async function start() {
  await using starting = new AsyncDisposableStack();
  const simulator = starting.use(await startFeishuSimulator({ isvApps: [storeApp] }));
  simulator.script(ticket, { replies: [{ result: { job_status: 2 } }] });
  const manager = starting.use(await startLocalSecretsManager());
  const client = localSecretsClient(manager.url);
  starting.defer(() => client.destroy());
  const connection = { send: httpSender({ timeoutMs: 5000, now: Date.now }), now: Date.now };
  const source = { prefix: 'feishu/', baseUrl: simulator.url, ...awsSecrets(client) };
  const profiles = profilesFromSecrets(source, connection);

  async function query(name: string) {
    return (await profiles(name).queryImport(ticket, Date.now() + 10_000)).answer;
  }
  const started = starting.move();
  return {
    simulator,
    reads: (name: string) => manager.reads(`feishu/${name}`),
    store: (name: string, secret: object) =>
      manager.store[manager.reads(`feishu/${name}`) ? 'PutSecretValue' : 'CreateSecret']({
        Name: `feishu/${name}`,
        SecretId: `feishu/${name}`,
        SecretString: JSON.stringify(secret),
        ClientRequestToken: crypto.randomUUID(),
      }),
    queryOften: async (...names: string[]) => {
      const queries = Array.from({ length: many }, (_, index) =>
        query(names[index % names.length] ?? ''),
      );
      const answers = await Promise.all(queries);
      return answers.filter(({ kind }) => kind === 'result').length;
    },
    /** Requests for tokens so far, by the last part of their paths. */
    tokenRequests: () =>
      simulator.requests
        .filter(({ method }) => method === 'POST')
        .map(({ path }) => path.split('/').at(-1)),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

test('a custom app: one secret and one token, and one more of each', async () => {
  await using started = await start();
  const { appId, appSecret } = demoApp;
  await started.store('custom', { kind: 'custom', app_id: appId, app_secret: appSecret });

  expect(await started.queryOften('custom')).toBe(many);
  expect(started.reads('custom')).toBe(1);
  expect(started.tokenRequests()).toEqual(['internal']);

  started.simulator.expireTokens();
  expect(await started.queryOften('custom')).toBe(many);
  expect(started.reads('custom')).toBe(2);
  expect(started.tokenRequests()).toEqual(['internal', 'internal']);
});

test('two tenants of a store app: one secret and one token each, and one of the app', async () => {
  await using started = await start();
  const { simulator } = started;
  await fetch(`${simulator.url}/open-apis/auth/v3/app_ticket/resend`, {
    method: 'POST',
    body: JSON.stringify({ app_id: storeApp.appId, app_secret: storeApp.appSecret }),
  });
  simulator.requests.length = 0;
  for (const tenant_key of storeApp.tenantKeys) {
    await started.store(tenant_key, { kind: 'isv', app: storeApp.appId, tenant_key });
  }
  await started.store(`apps/${storeApp.appId}`, {
    app_id: storeApp.appId,
    app_secret: storeApp.appSecret,
    app_ticket: simulator.newestAppTicket(storeApp.appId),
  });
  const app = `apps/${storeApp.appId}`;

  expect(await started.queryOften(...storeApp.tenantKeys)).toBe(many);
  expect([...storeApp.tenantKeys, app].map(started.reads)).toEqual([1, 1, 1]);
  expect(started.tokenRequests().sort()).toEqual([
    'app_access_token',
    'tenant_access_token',
    'tenant_access_token',
  ]);

  simulator.expireTokens();
  simulator.requests.length = 0;
  expect(await started.queryOften('tenant-1')).toBe(many);
  expect([...storeApp.tenantKeys, app].map(started.reads)).toEqual([2, 1, 2]);
  expect(started.tokenRequests()).toEqual(['app_access_token', 'tenant_access_token']);

  simulator.expireTokens();
  simulator.requests.length = 0;
  expect(await started.queryOften(...storeApp.tenantKeys)).toBe(many);
  expect([...storeApp.tenantKeys, app].map(started.reads)).toEqual([3, 2, 3]);
  expect(started.tokenRequests().sort()).toEqual([
    'app_access_token',
    'tenant_access_token',
    'tenant_access_token',
  ]);
});

test('a user: one secret, and once more', async () => {
  await using started = await start();
  const { simulator } = started;
  const authorise = () => {
    const user = simulator.authoriseUser(demoApp.appId);
    return started.store('jane', {
      kind: 'user',
      app_id: demoApp.appId,
      app_secret: demoApp.appSecret,
      access_token: user.accessToken,
      access_token_expires_at: new Date(user.accessTokenExpiresAt).toISOString(),
    });
  };
  await authorise();

  expect(await started.queryOften('jane')).toBe(many);
  expect(started.reads('jane')).toBe(1);

  simulator.expireTokens();
  await authorise();
  expect(await started.queryOften('jane')).toBe(many);
  expect(started.reads('jane')).toBe(2);
  expect(started.tokenRequests()).toEqual([]);
});

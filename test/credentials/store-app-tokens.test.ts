import { expect, test } from 'vitest';
import type { Answer } from '../../functions/core/answer.ts';
import { meaningOfRefusal } from '../../functions/core/refusal.ts';
import { appTicketStore } from '../../functions/credentials/app-ticket-store.ts';
import { profilesFromSecrets } from '../../functions/credentials/secret-profiles.ts';
import { secretsManager } from '../../functions/credentials/secret-store.ts';
import { secretVersions } from '../../functions/credentials/secret-versions.ts';
import { httpSender } from '../../functions/feishu/http.ts';
import { type IsvApp, startFeishuSimulator } from '../../infra/local/feishu-simulator.ts';
import { directSecretsClient } from '../../infra/local/secrets-manager/client.ts';
import { type FaultFor, throttled } from '../../infra/local/secrets-manager/scripted-faults.ts';
import { secretsStore } from '../../infra/local/secrets-manager/store.ts';

const ticket = '7369583175086912356';
const minute = 60_000;

const app: IsvApp = {
  appId: 'cli_store',
  appSecret: 'RECOGNISABLE-app-secret',
  encryptKey: 'RECOGNISABLE-encrypt-key',
  verificationToken: 'RECOGNISABLE-verification-token',
  tenantKeys: ['tenant-1', 'tenant-2'],
};
const secretName = 'feishu/apps/cli_store';
const secret = { app_id: app.appId, app_secret: app.appSecret };

const paths = {
  resend: '/open-apis/auth/v3/app_ticket/resend',
  appToken: '/open-apis/auth/v3/app_access_token',
  tenantToken: '/open-apis/auth/v3/tenant_access_token',
  query: `/open-apis/drive/v1/import_tasks/${ticket}`,
};

type Options = {
  held?: object;
  hasTicket?: boolean;
  faultFor?: FaultFor;
  tokenSeconds?: number;
};

/** A store app of two tenants, each a profile, and as many processes as are wanted. */
async function start({
  held = secret,
  hasTicket = true,
  faultFor,
  tokenSeconds = 7200,
}: Options = {}) {
  let now = Date.parse('2026-01-31T08:00:00Z');
  const clock = () => now;
  const deadline = () => now + 5000;
  const options = { isvApps: [app], now: clock, tokenSeconds };
  const simulator = await startFeishuSimulator(options);
  const otherSimulator = await startFeishuSimulator(options);
  for (const feishu of [simulator, otherSimulator]) {
    feishu.script(ticket, { replies: [{ result: { job_status: 2 } }] });
  }

  const profile = (tenant_key: string, base_url = simulator.url) =>
    JSON.stringify({ kind: 'isv', app: app.appId, tenant_key, base_url });
  const aws = secretsStore({
    secrets: {
      [secretName]: JSON.stringify(held),
      'feishu/one': profile('tenant-1'),
      'feishu/two': profile('tenant-2'),
      'feishu/elsewhere': profile('tenant-1', otherSimulator.url),
      'feishu/stranger': profile('tenant-3'),
    },
    ...(faultFor && { faultFor }),
  });
  const client = directSecretsClient(aws);
  const versions = secretVersions(client, clock);
  const connection = { send: httpSender({ timeoutMs: 2000, now: clock }), now: clock };

  function startProcess() {
    const source = {
      prefix: 'feishu/',
      readSecret: secretsManager(client, clock),
      versions,
      baseUrl: 'https://open.feishu.cn',
      allowedBaseUrls: [simulator.url, otherSimulator.url],
    };
    const profiles = profilesFromSecrets(source, connection);
    return async (name = 'one'): Promise<Answer> =>
      (await profiles(name).queryImport(ticket, deadline())).answer;
  }

  /** Has Feishu make a ticket, and stores it as the function that receives it does. */
  async function receiveTicket({ from = simulator } = {}) {
    // nobody listens for the event itself
    await from.pushAppTicket(app.appId).catch(() => {});
    const pushed = { appId: app.appId, appTicket: from.newestAppTicket(app.appId) ?? '' };
    now += 1;
    await appTicketStore('feishu/', versions).store({ ...pushed, pushedAt: now }, deadline());
  }

  if (hasTicket) await receiveTicket();
  return {
    aws,
    simulator,
    otherSimulator,
    startProcess,
    query: startProcess(),
    receiveTicket,
    hold: (changed: object) =>
      aws.PutSecretValue({
        SecretId: secretName,
        SecretString: JSON.stringify({ ...secret, ...changed }),
        ClientRequestToken: 'c'.repeat(32),
      }),
    advanceMs(milliseconds: number) {
      now += milliseconds;
    },
    /** How often Feishu was asked for what. */
    count: (asked: keyof typeof paths, { requests } = simulator) =>
      requests.filter(({ path }) => path === paths[asked]).length,
    readsOfApp: () =>
      aws.requests.filter(
        ({ operation, input }) =>
          operation === 'GetSecretValue' && input.SecretId === secretName && !input.VersionStage,
      ).length,
    async [Symbol.asyncDispose]() {
      await Promise.all([simulator.close(), otherSimulator.close()]);
    },
  };
}

const running = { kind: 'result', jobStatus: 2 };
const noTicketYet = {
  kind: 'no_app_ticket',
  reason: 'the app cli_store has no app_ticket yet',
  reasonZh: expect.stringContaining('cli_store'),
};

test('two tenants whose tokens are refused one after the other get new ones with one of the app', async () => {
  await using started = await start();
  await Promise.all([started.query('one'), started.query('two')]);
  const reads = started.readsOfApp();
  started.simulator.expireTokens();

  expect(await started.query('one')).toMatchObject(running);
  expect(await started.query('two')).toMatchObject(running);

  expect([started.count('appToken'), started.count('tenantToken')]).toEqual([2, 4]);
  expect(started.readsOfApp()).toBe(reads + 1);
});

test("asks with a tenant's token, got with the app's token, got with the ticket", async () => {
  await using started = await start();

  expect(await started.query()).toMatchObject(running);
  expect(started.simulator.requests.map(({ path }) => path)).toEqual([
    paths.appToken,
    paths.tenantToken,
    paths.query,
  ]);
});

test('two tenants share the token of their app, and have each their own', async () => {
  await using started = await start();

  expect(await started.query('one')).toMatchObject(running);
  expect(await started.query('two')).toMatchObject(running);

  expect([started.count('appToken'), started.count('tenantToken')]).toEqual([1, 2]);
  const bearers = started.simulator.requests
    .filter(({ path }) => path === paths.query)
    .map(({ headers }) => headers.authorization);
  expect(new Set(bearers).size).toBe(2);
});

test('a hundred cold queries of two tenants read the app once and ask for its token once', async () => {
  await using started = await start();
  const before = started.readsOfApp();

  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) => started.query(index % 2 ? 'one' : 'two')),
  );

  expect(answers.every(({ kind }) => kind === 'result')).toBe(true);
  expect([started.count('appToken'), started.count('tenantToken')]).toEqual([1, 2]);
  expect(started.readsOfApp() - before).toBe(1);
});

test('a refused tenant token makes one more request for each token, and one more read', async () => {
  await using started = await start();
  await started.query();
  const before = started.readsOfApp();
  started.simulator.expireTokens();

  const answers = await Promise.all(Array.from({ length: 50 }, () => started.query()));

  expect(answers.every(({ kind }) => kind === 'result')).toBe(true);
  expect([started.count('appToken'), started.count('tenantToken')]).toEqual([2, 2]);
  expect(started.readsOfApp() - before).toBe(1);
});

test('an app token that is refused is renewed within the step', async () => {
  await using started = await start();
  await started.query('one');
  started.simulator.expireAppTokens();

  expect(await started.query('two')).toMatchObject(running);
  expect([started.count('appToken'), started.count('tenantToken')]).toEqual([2, 3]);
});

test('an app token that is refused again is not renewed a second time within the step', async () => {
  await using started = await start();
  const refused = { error: { code: 99991664 } };
  started.simulator.scriptEndpoint('storeTenantToken', [refused, refused]);

  const answer = await started.query();

  expect(answer).toMatchObject({ kind: 'refusal', asked: 'token', code: 99991664 });
  expect([started.count('appToken'), started.count('tenantToken')]).toEqual([2, 2]);
});

test('a refusal that says nothing of the app token is not repeated', async () => {
  await using started = await start();

  const answer = await started.query('stranger');

  expect(answer).toMatchObject({ kind: 'refusal', asked: 'token', code: 10013 });
  expect([started.count('appToken'), started.count('tenantToken')]).toEqual([1, 1]);
});

/** Of these tokens new ones are got after a minute, when the secret of the app is still at hand. */
const soonRenewed = { tokenSeconds: 31 * 60 };

test('a ticket that is refused is looked up again, and a newer one taken', async () => {
  await using started = await start(soonRenewed);
  await started.query('one');
  started.advanceMs(minute);
  started.simulator.expireAppTokens();
  started.simulator.expireAppTickets();
  await started.receiveTicket();

  expect(await started.query('two')).toMatchObject(running);
  // the refused one was still at hand
  expect(started.count('appToken')).toBe(3);
  expect(started.count('resend')).toBe(0);
});

test('a ticket that is refused and is still the newest is asked for again', async () => {
  await using started = await start();
  started.simulator.expireAppTickets();

  expect(await started.query()).toEqual({
    kind: 'no_app_ticket',
    reason: 'Feishu does not take the app_ticket of the app cli_store any more (code 10012)',
    reasonZh: expect.stringContaining('10012'),
  });
  expect([started.count('appToken'), started.count('resend')]).toEqual([1, 1]);
});

test('a newer ticket that is refused as well is asked for again', async () => {
  await using started = await start(soonRenewed);
  await started.query('one');
  started.advanceMs(minute);
  started.simulator.expireAppTokens();
  await started.receiveTicket();
  started.simulator.expireAppTickets();

  expect(await started.query('two')).toMatchObject({ kind: 'no_app_ticket' });
  expect([started.count('appToken'), started.count('resend')]).toEqual([3, 1]);
});

test('without a ticket fifty queries in two processes have it sent again once', async () => {
  await using started = await start({ hasTicket: false });
  const processes = [started.startProcess(), started.startProcess()];

  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) => processes[index % 2]?.(index % 3 ? 'one' : 'two')),
  );

  expect(answers).toEqual(Array(50).fill(noTicketYet));
  expect(started.simulator.resends(app.appId)).toBe(1);
});

test('has a ticket sent again once more when ten minutes have passed', async () => {
  await using started = await start({ hasTicket: false });
  await started.query();
  started.advanceMs(10 * minute - 1);
  await Promise.all([started.query(), started.startProcess()()]);
  expect(started.simulator.resends(app.appId)).toBe(1);

  started.advanceMs(1);
  await Promise.all([started.query(), started.startProcess()()]);

  expect(started.simulator.resends(app.appId)).toBe(2);
});

test('the next query succeeds when the ticket has come', async () => {
  await using started = await start({ hasTicket: false });
  await started.query();

  await started.receiveTicket();

  expect(await started.query()).toMatchObject(running);
  expect(started.count('resend')).toBe(1);
});

test.for([
  ['fails', { raw: { http: 502, body: 'Bad Gateway' } }, { kind: 'refusal', httpStatus: 502 }],
  ['is not answered', { fault: 'drop' }, { kind: 'no_answer' }],
] as const)('a resend that %s is tried again at the next query', async ([, reply, answer]) => {
  await using started = await start({ hasTicket: false });
  started.simulator.scriptEndpoint('appTicketResend', [reply]);

  expect(await started.query()).toMatchObject(answer);
  expect(await started.query()).toEqual(noTicketYet);
  expect(await started.query()).toEqual(noTicketYet);
  expect(started.simulator.resends(app.appId)).toBe(2);
});

test('asks for no ticket where it cannot note that it did', async () => {
  await using started = await start({
    hasTicket: false,
    faultFor: (operation) => (operation === 'PutSecretValue' ? throttled : undefined),
  });

  expect(await started.query()).toMatchObject({ kind: 'no_answer' });
  expect(started.simulator.requests).toEqual([]);
});

test.for([
  ['of another app than its name', { app_id: 'cli_other' }, 'is of another app than its name says'],
  ['with a fault', { encrypt_key: '' }, 'encrypt_key must not be empty'],
] as const)(
  'an app secret %s is told, and read again at the next query',
  async ([, fault, why]) => {
    await using started = await start({ held: { ...secret, ...fault }, hasTicket: false });

    const answer = await started.query();

    expect(answer).toMatchObject({ kind: 'no_profile', reason: expect.stringContaining(why) });
    expect(started.simulator.requests).toEqual([]);
    await started.hold({ app_ticket: 'g-unknown' });
    expect(await started.query()).toMatchObject({ kind: 'no_app_ticket' });
  },
);

test.for([
  ['with a ticket', { app_ticket: 'g-1' }],
  ['without a ticket', {}],
] as const)('a wrong app_secret %s is refused as credentials', async ([, held]) => {
  await using started = await start({
    held: { ...secret, ...held, app_secret: 'RECOGNISABLE-other' },
    hasTicket: false,
  });

  const answer = await started.query();

  expect(answer).toMatchObject({ kind: 'refusal', asked: 'token', code: 10014 });
  expect(answer.kind === 'refusal' && meaningOfRefusal(answer)).toMatchObject({
    error: 'Feishu.CredentialsRejected',
  });
  expect(JSON.stringify(answer)).not.toContain('RECOGNISABLE');
});

test('an app_secret that was mended is used at the next query', async () => {
  await using started = await start({ held: { ...secret, app_secret: 'other' } });
  expect(await started.query()).toMatchObject({ kind: 'refusal' });

  await started.hold({ app_ticket: started.simulator.newestAppTicket(app.appId) });

  expect(await started.query()).toMatchObject(running);
});

test('keeps the secret while Feishu does not answer', async () => {
  await using started = await start();
  const before = started.readsOfApp();
  started.simulator.scriptEndpoint('storeAppToken', [{ fault: 'drop' }]);

  expect(await started.query()).toMatchObject({ kind: 'no_answer' });
  expect(await started.query()).toMatchObject(running);
  expect(started.readsOfApp() - before).toBe(1);
});

test("keeps one app's tokens of two base URLs apart", async () => {
  await using started = await start();
  const { simulator, otherSimulator } = started;
  await started.query('one');

  // the other knows nothing of this one's ticket
  expect(await started.query('elsewhere')).toMatchObject({ kind: 'no_app_ticket' });
  await started.receiveTicket({ from: otherSimulator });
  expect(await started.query('elsewhere')).toMatchObject(running);

  const tokens = (feishu: typeof simulator) =>
    feishu.requests.map(({ headers }) => headers.authorization).filter(Boolean);
  expect(tokens(simulator)).toHaveLength(1);
  expect(tokens(otherSimulator)).not.toContain(tokens(simulator)[0]);
  expect(started.count('appToken')).toBe(1);
});

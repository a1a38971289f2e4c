import { expect, test } from 'vitest';
import { rotateUserToken, rotationDependencies } from '../functions/rotate-user-token.ts';
import {
  demoApp,
  type FeishuSimulator,
  startFeishuSimulator,
  type TokenReply,
} from '../infra/local/feishu-simulator.ts';
import { localSecretsClient } from '../infra/local/secrets-manager/client.ts';
import type { RotationEvent } from '../infra/local/secrets-manager/rotation.ts';
import { startLocalSecretsManager } from '../infra/local/secrets-manager.ts';

// Secrets Manager and Feishu over real sockets; only the waits are not waited for

const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:rotate';
const minute = 60_000;
/** What the function is given at AWS. */
const functionMs = 90_000;
const context = { getRemainingTimeInMillis: () => functionMs };

type Options = { api?: 'v2' | 'v3'; secret?: object; remainingMs?: number };

async function start({ api = 'v3', secret, remainingMs = functionMs }: Options = {}) {
  let passed = 0;
  const now = () => Date.now() + passed;
  const simulator = await startFeishuSimulator({ now });
  const pair = simulator.authoriseUser(demoApp.appId);
  const value = secret ?? {
    kind: 'user',
    app_id: demoApp.appId,
    app_secret: demoApp.appSecret,
    access_token: pair.accessToken,
    access_token_expires_at: new Date(pair.accessTokenExpiresAt).toISOString(),
    refresh_token: pair.refreshToken,
    refresh_token_expires_at: new Date(pair.refreshTokenExpiresAt).toISOString(),
  };
  const steps: string[] = [];
  const secretsManager = await startLocalSecretsManager({
    now,
    secrets: { user: JSON.stringify(value) },
    functions: {
      [functionArn](event) {
        steps.push(event.Step);
        return step(event);
      },
    },
  });
  const client = localSecretsClient(secretsManager.url);
  const config = { baseUrl: simulator.url, allowedBaseUrls: [], userTokenApi: api };
  const dependencies = {
    ...rotationDependencies(config, client, now),
    async sleep(milliseconds: number) {
      passed += milliseconds;
    },
  };
  const step = (event: Omit<RotationEvent, 'RotationToken'>) =>
    rotateUserToken(dependencies)(event, { getRemainingTimeInMillis: () => remainingMs });

  return {
    simulator,
    steps,
    step,
    store: secretsManager.store,
    count: secretsManager.count,
    rotationsDone: secretsManager.rotationsDone,
    advance(milliseconds: number) {
      passed += milliseconds;
    },
    async rotate() {
      await secretsManager.store.RotateSecret({
        SecretId: 'user',
        ClientRequestToken: crypto.randomUUID(),
        RotationLambdaARN: functionArn,
      });
      await secretsManager.rotationsDone();
      return secretsManager.rotations.at(-1);
    },
    async current() {
      const { SecretString = '' } = await secretsManager.store.GetSecretValue({ SecretId: 'user' });
      return JSON.parse(SecretString);
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
      await Promise.all([secretsManager.close(), simulator.close()]);
    },
  };
}

const outcomes = ({ refreshUses }: FeishuSimulator) =>
  refreshUses.map(({ outcome, alreadyUsed }) => [outcome, alreadyUsed]);

test.for(['v2', 'v3'] as const)('renews the tokens of a user at %s, in four steps', async (api) => {
  await using started = await start({ api });

  const rotation = await started.rotate();

  const [, , accessToken, refreshToken] = started.simulator.issuedTokens;
  expect(rotation).not.toHaveProperty('failedStep');
  expect(started.steps).toEqual(['createSecret', 'setSecret', 'testSecret', 'finishSecret']);
  expect(await started.current()).toMatchObject({
    access_token: accessToken,
    refresh_token: refreshToken,
  });
  expect(outcomes(started.simulator)).toEqual([['renewed', false]]);
});

test('renews again and again, with two new versions each time', async () => {
  await using started = await start();

  for (let times = 0; times < 4; times++) {
    await started.rotate();
    started.advance(20 * minute);
  }

  expect(outcomes(started.simulator)).toEqual(Array(4).fill(['renewed', false]));
  expect(started.count('PutSecretValue')).toBe(8);
});

test('does not rotate tokens again that were just renewed', async () => {
  await using started = await start();
  await started.rotate();
  const renewed = await started.current();

  const rotation = await started.rotate();

  expect(rotation).toMatchObject({ failedStep: 'createSecret', error: { name: 'RotationError' } });
  expect(outcomes(started.simulator)).toEqual([['renewed', false]]);
  expect(started.count('PutSecretValue')).toBe(2);
  expect(await started.current()).toEqual(renewed);
});

test.for(['setSecret', 'testSecret', 'finishSecret'] as const)(
  '%s alone spends no token',
  async (Step) => {
    await using started = await start();
    const event = { SecretId: 'user', ClientRequestToken: '1'.repeat(32), Step };

    await started.step(event).catch(() => {});

    expect(started.simulator.requests).toEqual([]);
    expect(started.count('PutSecretValue')).toBe(0);
  },
);

test('a rotation that is only tried out spends no token', async () => {
  await using started = await start();

  await started.store.RotateSecret({
    SecretId: 'user',
    ClientRequestToken: '1'.repeat(32),
    RotationLambdaARN: functionArn,
    RotateImmediately: false,
  });
  await started.rotationsDone();

  expect(started.steps).toEqual(['testSecret']);
  expect(started.simulator.requests).toEqual([]);
});

const lost = (instead: object) => ({ issue: true, instead }) as TokenReply;
const html = { raw: { http: 502, body: '<html>', contentType: 'text/html' } };

test.for([
  ['was dropped', lost({ fault: 'drop' })],
  ['was cut off', lost({ fault: 'dropMidBody' })],
  ['was a page of HTML', lost(html)],
  ['was empty', lost({ raw: { http: 200, body: '' } })],
  ['had no access token', lost({ raw: { http: 200, body: '{"code":0}' } })],
] as const)('a token whose answer %s is never sent again', async ([, reply]) => {
  await using started = await start();
  started.simulator.scriptUserTokenEndpoint([reply]);

  await started.rotate();
  started.advance(15 * minute);
  await started.rotate();

  expect(outcomes(started.simulator)).toEqual([['renewed', false]]);
  expect(await started.current()).toMatchObject({
    authorise_again: expect.stringContaining('was lost'),
  });
});

test.for([
  ['20050', { error: { code: 20050 } }],
  ['20072', { error: { code: 20072 } }],
  ['429', { rateLimit: {} }],
] as [string, TokenReply][])('asks twice more after %s', async ([, reply]) => {
  await using started = await start();
  started.simulator.scriptUserTokenEndpoint([reply, reply]);

  await started.rotate();

  expect(outcomes(started.simulator)).toEqual([
    ['refused', false],
    ['refused', false],
    ['renewed', false],
  ]);
  expect(await started.current()).toMatchObject({
    access_token: started.simulator.issuedTokens[2],
  });
});

test('asks for a person when Feishu has revoked the token', async () => {
  await using started = await start();
  started.simulator.revokeRefreshTokens();

  await started.rotate();

  const current = await started.current();
  expect(current.authorise_again).toContain('20064');
  expect(current).not.toHaveProperty('refresh_token');
});

test('sends nothing where a base URL is not allowed', async () => {
  await using other = await startFeishuSimulator();
  const secret = {
    ...{ kind: 'user', app_id: 'cli_1', app_secret: 'secret-app', access_token: 'secret-access' },
    ...{ access_token_expires_at: '2026-10-01T08:50:00Z', refresh_token: 'secret-refresh' },
    base_url: other.url,
  };
  await using started = await start({ secret });

  const rotation = await started.rotate();

  expect(rotation).toMatchObject({ failedStep: 'createSecret', error: { name: 'RotationError' } });
  expect(other.requests).toEqual([]);
  expect(started.simulator.requests).toEqual([]);
});

test('sends nothing when too little time is left to store an answer, and may send it later', async () => {
  await using started = await start({ remainingMs: 36_000 });

  const rotation = await started.rotate();

  expect(started.simulator.requests).toEqual([]);
  expect(rotation).toMatchObject({ failedStep: 'createSecret', error: { name: 'RotationError' } });
  expect(String(rotation?.error)).toContain('no time left');
});

test.for([
  ['nothing', undefined],
  ['no step', { SecretId: 'user', ClientRequestToken: '1' }],
  ['an unknown step', { SecretId: 'user', ClientRequestToken: '1', Step: 'deleteSecret' }],
])('refuses an event with %s', async ([, event]) => {
  await using simulator = await startFeishuSimulator();
  const config = { baseUrl: simulator.url, allowedBaseUrls: [], userTokenApi: 'v3' as const };
  await using secretsManager = await startLocalSecretsManager();
  const client = localSecretsClient(secretsManager.url);
  const rotate = rotateUserToken(rotationDependencies(config, client));

  await expect(rotate(event, context)).rejects.toMatchObject({ name: '$ZodError' });

  expect(secretsManager.requests).toEqual([]);
});

test.for([
  ['a refusal', { error: { code: 20002, msg: `no ${demoApp.appSecret}` } }],
  ['a lost answer', lost({ fault: 'dropMidBody' })],
  ['a used token', { error: { code: 20073 } }],
] as [string, TokenReply][])('no error tells a secret after %s', async ([, reply]) => {
  await using started = await start();
  started.simulator.scriptUserTokenEndpoint([reply]);

  const rotation = await started.rotate();

  const { authorise_again: reason } = await started.current();
  const told = `${(rotation?.error as Error | undefined)?.stack} ${reason}`;
  for (const secret of [demoApp.appSecret, ...started.simulator.issuedTokens]) {
    expect(told).not.toContain(secret);
  }
});

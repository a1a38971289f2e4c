import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import type { RefusalAnswer } from '../functions/core/answer.ts';
import { type ProfileSecrets, profileSecrets } from '../functions/credentials/profile-secrets.ts';
import { secretVersions } from '../functions/credentials/secret-versions.ts';
import { RotationError } from '../functions/credentials/user-token-rotation.ts';
import type { RenewedUserToken } from '../functions/feishu/answers.ts';
import { renewalMetrics, renewUserTokens } from '../functions/renew-user-tokens.ts';
import { rotateUserToken } from '../functions/rotate-user-token.ts';
import { directSecretsClient } from '../infra/local/secrets-manager/client.ts';
import { secretsStore } from '../infra/local/secrets-manager/store.ts';

const start = Date.parse('2026-10-01T08:00:00Z');
const minute = 60_000;
const at = (milliseconds: number) => new Date(start + milliseconds).toISOString();
const context = { getRemainingTimeInMillis: () => minute };

const user = {
  kind: 'user',
  app_id: 'cli_1',
  app_secret: 'secret-app',
  access_token: 'secret-access',
  access_token_expires_at: at(30 * minute),
  refresh_token: 'secret-refresh',
};

type Secret = object | string | { fault: string };

/** One run over these secrets; `failing` throws for those it names. */
async function runOver(all: Record<string, Secret>, failing: Record<string, unknown> = {}) {
  const rotated: string[] = [];
  const deadlines = new Set<number>();
  const entries: Record<string, unknown>[] = [];
  const secrets: ProfileSecrets = {
    async *list() {
      for (const profile of Object.keys(all)) {
        yield { profile, name: `feishu/${profile}`, rotationFunctionArn: undefined };
      }
    },
    async read({ profile }, deadline) {
      deadlines.add(deadline);
      const secret = all[profile] ?? {};
      if (typeof secret === 'object' && 'fault' in secret) {
        return { kind: 'fault', fault: String(secret.fault) };
      }
      return { kind: 'text', text: typeof secret === 'string' ? secret : JSON.stringify(secret) };
    },
    async rotate({ profile }, deadline) {
      deadlines.add(deadline);
      if (profile in failing) throw failing[profile];
      rotated.push(profile);
    },
  };
  const log = (entry: Record<string, unknown>) => entries.push(entry);
  const report = await renewUserTokens({ secrets, now: () => start, log })({}, context);
  return { report, rotated, entries, deadlines: [...deadlines] };
}

test.for([
  ['ends in half an hour', 30 * minute, ['a']],
  ['ends in just less than an hour', 60 * minute - 1, ['a']],
  ['ends in an hour', 60 * minute, []],
  ['ends in two hours', 120 * minute, []],
] as const)('of a token that %s, %i ms from now, it renews %o', async ([, left, expected]) => {
  const { report, rotated } = await runOver({
    a: { ...user, access_token_expires_at: at(left) },
  });

  expect(rotated).toEqual(expected);
  expect(report).toEqual({ renewing: expected, failed: [], needing_authorisation: [] });
});

test.for([
  ['ended an hour ago', -60 * minute],
  ['ends now', 0],
  ['ends in just less than half an hour', 30 * minute - 1],
] as const)('tells that a token %s, %i ms from now, and renews it', async ([, left]) => {
  const { report, rotated, entries } = await runOver({
    a: { ...user, access_token_expires_at: at(left) },
  });

  expect(rotated).toEqual(['a']);
  expect(report).toEqual({ renewing: ['a'], failed: ['a'], needing_authorisation: [] });
  expect(entries[0]).toMatchObject({ message: 'overdue', profile: 'a' });
});

test('leaves alone what was just renewed', async () => {
  const { report, rotated } = await runOver({ a: { ...user, renewed_at: at(-15 * minute) } });

  expect(rotated).toEqual([]);
  expect(report).toEqual({ renewing: [], failed: [], needing_authorisation: [] });
});

test('tells of a user whose secret cannot be understood, and shows no value', async () => {
  const { report, entries } = await runOver({
    a: { ...user, access_token_expires_at: 'secret-time', 'secret-key': 'secret-value' },
    b: user,
  });

  expect(report).toEqual({ renewing: ['b'], failed: ['a'], needing_authorisation: [] });
  expect(entries[0]).toMatchObject({
    message: 'not understood',
    profile: 'a',
    reason: expect.stringContaining('access_token_expires_at must be a time'),
  });
  expect(JSON.stringify([report, entries])).not.toContain('secret-');
});

/** Secrets of which each takes this long to read, by a clock that stands still but for that. */
async function runOverMany(count: number, readingMs: number) {
  let now = start;
  let inWork = 0;
  let most = 0;
  const rotated: string[] = [];
  const secret = { ...user, access_token_expires_at: at(50 * minute) };
  const secrets: ProfileSecrets = {
    async *list() {
      for (let index = 0; index < count; index++) {
        const profile = `p-${index}`;
        yield { profile, name: `feishu/${profile}`, rotationFunctionArn: undefined };
      }
    },
    async read() {
      inWork += 1;
      most = Math.max(most, inWork);
      await new Promise(setImmediate);
      inWork -= 1;
      now += readingMs / 10;
      return { kind: 'text', text: JSON.stringify(secret) };
    },
    async rotate({ profile }) {
      rotated.push(profile);
    },
  };
  const report = await renewUserTokens({ secrets, now: () => now })({}, context);
  return { report, rotated, most };
}

test('reads ten secrets at a time, and tells of them in their order', async () => {
  const { report, most } = await runOverMany(25, 1);

  expect(most).toBe(10);
  expect(report.renewing).toEqual(Array.from({ length: 25 }, (_, index) => `p-${index}`));
});

test('tells at its end what it has done, and that the rest is not', async () => {
  // five times ten in the time there is, of a minute less a second
  const { report, rotated } = await runOverMany(70, 11_800);

  expect(rotated).toHaveLength(50 + 9);
  expect(report.renewing).toEqual(rotated);
  expect(report.failed).toEqual(Array.from({ length: 11 }, (_, index) => `p-${index + 59}`));
});

test.for([
  ['a custom app', { kind: 'custom', app_id: 'cli_1', app_secret: 'secret-app' }],
  ['a store app', { kind: 'isv', app: 'cli_1', tenant_key: 'secret-tenant' }],
  ['something that cannot be understood', 'secret-x'],
] as [string, Secret][])('leaves the secret of %s alone, and goes on', async ([, secret]) => {
  const { report, rotated } = await runOver({ a: secret, b: user });

  expect(rotated).toEqual(['b']);
  expect(report).toEqual({ renewing: ['b'], failed: [], needing_authorisation: [] });
});

test.for([
  [
    'could not be renewed',
    { refresh_token: undefined, authorise_again: 'code 20073' },
    'code 20073',
  ],
  ['has no refresh token', { refresh_token: undefined }, 'there is no refresh token'],
  [
    'has an ended refresh token',
    { refresh_token_expires_at: at(0) },
    'the refresh token has ended',
  ],
] as const)(
  'tells of a user whose token %s, and does not renew it',
  async ([, changes, reason]) => {
    const { report, rotated, entries } = await runOver({ a: { ...user, ...changes } });

    expect(rotated).toEqual([]);
    expect(report).toEqual({ renewing: [], failed: [], needing_authorisation: ['a'] });
    expect(entries).toContainEqual({
      message: 'a person must authorise again',
      profile: 'a',
      reason,
    });
  },
);

test('tells of a user without a refresh token long before the access token ends', async () => {
  const { report } = await runOver({
    a: { ...user, access_token_expires_at: at(120 * minute), refresh_token: undefined },
  });

  expect(report.needing_authorisation).toEqual(['a']);
});

test.for([
  ['whose refresh token still lives', { refresh_token_expires_at: at(1) }],
  ['beside whose new refresh token an old reason was left', { authorise_again: 'code 20073' }],
] as [string, object][])('renews the token of a user %s', async ([, changes]) => {
  expect((await runOver({ a: { ...user, ...changes } })).rotated).toEqual(['a']);
});

test('goes on where one cannot be read and another not be rotated', async () => {
  const { report, rotated } = await runOver(
    { a: { fault: 'AccessDeniedException' }, b: user, c: user },
    { b: new Error('no') },
  );

  expect(rotated).toEqual(['c']);
  expect(report).toEqual({ renewing: ['c'], failed: ['a', 'b'], needing_authorisation: [] });
});

test.for([
  ['our own', new RotationError('The secret holds nothing.'), 'The secret holds nothing.'],
  [
    "AWS's",
    Object.assign(new Error('secret-refresh'), { name: 'InvalidRequestException' }),
    'InvalidRequestException',
  ],
  ['no', 'thrown', 'thrown'],
] as const)('tells why one failed by %s error', async ([, error, reason]) => {
  const { entries } = await runOver({ a: user }, { a: error });

  expect(entries).toContainEqual({ message: 'not renewed', profile: 'a', reason });
});

test('tells at the end what was done, and no secret anywhere', async () => {
  const { report, entries } = await runOver(
    { a: user, b: { fault: 'AccessDeniedException' }, c: { ...user, refresh_token: undefined } },
    {},
  );

  expect(entries.at(-1)).toEqual({ message: 'user tokens', ...report });
  expect(entries).toContainEqual({
    message: 'not read',
    profile: 'b',
    reason: 'AccessDeniedException',
  });
  expect(JSON.stringify([entries, report])).not.toContain('secret-');
});

test('ends a second before its time is over', async () => {
  const { deadlines } = await runOver({ a: user });

  expect(deadlines).toEqual([start + minute - 1000]);
});

test('gives the alarms their numbers', () => {
  const report = { renewing: ['a'], failed: ['b', 'c'], needing_authorisation: ['d'] };

  expect(JSON.parse(renewalMetrics(report, 'FeishuImport', start))).toEqual({
    _aws: {
      Timestamp: start,
      CloudWatchMetrics: [
        {
          Namespace: 'FeishuImport',
          Dimensions: [[]],
          Metrics: [
            { Name: 'UserTokensNotRenewed', Unit: 'Count' },
            { Name: 'UserTokensNeedingAuthorisation', Unit: 'Count' },
          ],
        },
      ],
    },
    UserTokensNotRenewed: 2,
    UserTokensNeedingAuthorisation: 1,
  });
});

const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:rotate';

const outage: RefusalAnswer = {
  ...{ kind: 'refusal', asked: 'token', httpStatus: 500, code: 20050, msg: undefined },
  ...{ logId: undefined, missingScopes: [], retryAfterSeconds: 0 },
};

/** A run each 15 minutes for 24 hours, and each failed rotation tried twice more in between. */
async function passDay(answer: (use: number) => RenewedUserToken | RefusalAnswer) {
  let now = start;
  let uses = 0;
  const ends = new Set<string>();
  const sleep = async (milliseconds: number) => {
    now += milliseconds;
  };
  const store = secretsStore({
    secrets: { 'feishu/a': JSON.stringify(user) },
    now: () => now,
    functions: { [functionArn]: (event) => rotate(event, context) },
  });
  const client = Object.assign(
    Object.create(SecretsManagerClient.prototype),
    directSecretsClient(store),
  );
  const rotate = rotateUserToken({
    baseUrl: 'https://open.feishu.cn',
    versions: secretVersions(client, () => now),
    now: () => now,
    sleep,
    refresh: async () => answer(++uses),
  });
  const config = { profileSecretPrefix: 'feishu/', rotationFunctionArn: functionArn };
  const secrets = profileSecrets(config, client, () => now);
  for (let run = 0; run < 96; run++) {
    now = start + run * 15 * minute;
    await renewUserTokens({ secrets, now: () => now })({}, context);
    await store.rotationsDone();
    for (let reattempt = 0; reattempt < 2; reattempt++) {
      now += 4 * minute;
      store.reattemptRotation('feishu/a');
      await store.rotationsDone();
    }
    const { SecretString = '' } = await store.GetSecretValue({ SecretId: 'feishu/a' });
    ends.add(JSON.parse(SecretString).access_token_expires_at);
  }
  return { uses, puts: store.count('PutSecretValue'), renewals: ends.size };
}

test('a day costs 20 renewals and 40 new versions', async () => {
  const renewed = (use: number): RenewedUserToken => ({
    ...{ kind: 'renewed', accessToken: `a-${use}`, lifeSeconds: 7200 },
    ...{ refreshToken: `r-${use}`, refreshLifeSeconds: 604_800 },
  });

  expect(await passDay(renewed)).toEqual({ uses: 20, puts: 40, renewals: 20 });
});

test('a day on which Feishu only says to try again costs 96 new versions, under one in ten minutes', async () => {
  expect(await passDay(() => outage)).toEqual({ uses: 3 * 96, puts: 96, renewals: 1 });
});

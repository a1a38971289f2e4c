import { expect, test } from 'vitest';
import type { NoAnswer, RefusalAnswer } from '../../functions/core/answer.ts';
import { fingerprint } from '../../functions/credentials/refresh-claim.ts';
import { secretVersions } from '../../functions/credentials/secret-versions.ts';
import { userTokenRenewal } from '../../functions/credentials/user-token-renewal.ts';
import type { RenewedUserToken } from '../../functions/feishu/answers.ts';
import { directSecretsClient } from '../../infra/local/secrets-manager/client.ts';
import {
  type FaultFor,
  lostAnswer,
  throttled,
} from '../../infra/local/secrets-manager/scripted-faults.ts';
import { secretsStore } from '../../infra/local/secrets-manager/store.ts';
import { refusalAnswer } from '../answers.ts';

const start = Date.parse('2026-10-01T08:00:00Z');
const minute = 60_000;
/** What the function is given at AWS. */
const functionMs = 90_000;
/** What of that is left for the storing. */
const writingMs = 35_000;
const at = (milliseconds: number) => new Date(start + milliseconds).toISOString();
const id = (character: string) => character.repeat(32);

const user = {
  kind: 'user',
  app_id: 'cli_1',
  app_secret: 'secret-app',
  access_token: 'secret-access-0',
  access_token_expires_at: '2026-10-01T08:50:00.000Z',
  refresh_token: 'secret-refresh-0',
  refresh_token_expires_at: '2026-10-08T08:00:00.000Z',
};

type Answer = RenewedUserToken | RefusalAnswer | NoAnswer;

const renewed: RenewedUserToken = {
  kind: 'renewed',
  accessToken: 'secret-access-1',
  lifeSeconds: 7200,
  refreshToken: 'secret-refresh-1',
  refreshLifeSeconds: 604_800,
};

const refusal = (code: number | undefined, httpStatus = 400) =>
  refusalAnswer({ asked: 'token', httpStatus, code, msg: 'no secret-refresh-0' });
const cutOff: NoAnswer = { kind: 'no_answer', reason: 'reset' };
const unsent: NoAnswer = { kind: 'no_answer', reason: 'no connection', unsent: true };

type Options = {
  secret?: object;
  /** In order; the last one again and again. */
  answers?: Answer[];
  whileAsked?: () => Promise<unknown>;
  faultFor?: FaultFor;
};

function startRenewal({ secret = user, answers = [renewed], ...options }: Options = {}) {
  let now = start;
  const sent: { refreshToken: string; baseUrl: string; deadline: number }[] = [];
  const waits: number[] = [];
  const store = secretsStore({
    secrets: { user: JSON.stringify(secret) },
    now: () => now,
    ...(options.faultFor && { faultFor: options.faultFor }),
  });
  const versions = secretVersions(directSecretsClient(store), () => now);
  const renew = userTokenRenewal({
    baseUrl: 'https://open.feishu.cn',
    allowedBaseUrls: ['https://open.example.com'],
    versions,
    now: () => now,
    async sleep(milliseconds) {
      waits.push(milliseconds);
      now += milliseconds;
    },
    async refresh({ refreshToken, baseUrl }, deadline) {
      sent.push({ refreshToken, baseUrl, deadline });
      await options.whileAsked?.();
      return answers[Math.min(sent.length, answers.length) - 1] ?? renewed;
    },
  });
  async function stored(which: object) {
    const request = { SecretId: 'user', ...which };
    const { SecretString = '' } = await store.GetSecretValue(request).catch(() => ({}) as never);
    return SecretString === '' ? undefined : JSON.parse(SecretString);
  }

  return {
    store,
    stored,
    sent,
    waits,
    now: () => now,
    advance(milliseconds: number) {
      now += milliseconds;
    },
    renew: (version: string, milliseconds = functionMs) =>
      renew('user', id(version), now + milliseconds),
    put: (value: object) =>
      store.PutSecretValue({
        SecretId: 'user',
        ClientRequestToken: id('f'),
        SecretString: JSON.stringify(value),
      }),
    current: () => stored({ VersionStage: 'AWSCURRENT' }),
    pending: () => stored({ VersionStage: 'AWSPENDING' }),
    version: (version: string) => stored({ VersionId: id(version) }),
  };
}

const puts = (requests: { operation: string }[]) =>
  requests.filter(({ operation }) => operation === 'PutSecretValue').length;

/** The first so many of an operation's calls go wrong. */
function faultsOf(operation: string, times: number, fault = throttled): FaultFor {
  let left = times;
  return (called) => {
    if (called !== operation || left === 0) return undefined;
    left -= 1;
    return fault;
  };
}

test('stores the new tokens as pending, and leaves the current ones', async () => {
  const { renew, current, pending } = startRenewal();

  await renew('1');

  expect(await current()).toEqual(user);
  expect(await pending()).toEqual({
    ...user,
    access_token: 'secret-access-1',
    access_token_expires_at: '2026-10-01T10:00:00.000Z',
    refresh_token: 'secret-refresh-1',
    refresh_token_expires_at: '2026-10-08T08:00:00.000Z',
    renewed_at: '2026-10-01T08:00:00.000Z',
    renewed_from: fingerprint('secret-refresh-0'),
  });
});

test('stores tokens whose refresh token has no known end, or that have none', async () => {
  const answer = { ...renewed, refreshToken: undefined, refreshLifeSeconds: undefined };
  const { renew, pending } = startRenewal({ answers: [answer] });

  await renew('1');

  expect(await pending()).toMatchObject({ access_token: 'secret-access-1' });
  expect(await pending()).not.toHaveProperty('refresh_token');
  expect(await pending()).not.toHaveProperty('refresh_token_expires_at');
});

test('sends the refresh token once, in time to store what comes of it', async () => {
  const { renew, sent } = startRenewal();

  await renew('1');

  expect(sent).toEqual([
    {
      refreshToken: 'secret-refresh-0',
      baseUrl: 'https://open.feishu.cn',
      deadline: start + functionMs - writingMs,
    },
  ]);
});

test('takes two new versions for a renewal, and none for a repeated step', async () => {
  const { renew, store, sent } = startRenewal();

  await renew('1');
  await renew('1');

  expect(puts(store.requests)).toBe(2);
  expect(sent).toHaveLength(1);
});

test.for([
  ['were renewed 20 minutes ago less a millisecond', -20 * minute + 1, 50 * minute],
  ['were renewed by a clock that is ahead', minute, 50 * minute],
  ['were renewed just now and last for 20 minutes', 0, 20 * minute],
] as const)('is too soon for tokens that %s', async ([, renewedAt, endsAt]) => {
  const secret = { ...user, renewed_at: at(renewedAt), access_token_expires_at: at(endsAt) };
  const { renew, sent, store } = startRenewal({ secret });

  await expect(renew('1')).rejects.toMatchObject({
    name: 'RotationError',
    message: 'It is too soon: the tokens were renewed less than 20 minutes ago.',
  });

  expect(sent).toEqual([]);
  expect(puts(store.requests)).toBe(0);
});

test.for([
  ['were renewed 20 minutes ago', -20 * minute, 50 * minute],
  ['were renewed just now and end within 20 minutes', 0, 20 * minute - 1],
  ['were renewed just now and have ended', 0, 0],
] as const)('is not too soon for tokens that %s', async ([, renewedAt, endsAt]) => {
  const secret = { ...user, renewed_at: at(renewedAt), access_token_expires_at: at(endsAt) };
  const { renew, sent } = startRenewal({ secret });

  await renew('1');

  expect(sent).toHaveLength(1);
});

test('has time to write five times where each takes six seconds', async () => {
  const renewal = startRenewal({
    faultFor(operation, input) {
      if (operation !== 'PutSecretValue' || !String(input.SecretString).includes('access-1')) {
        return undefined;
      }
      tries += 1;
      renewal.advance(6000);
      return tries < 5 ? throttled : undefined;
    },
    // Feishu answers at the last moment
    whileAsked: async () => renewal.advance(Number(renewal.sent[0]?.deadline) - renewal.now()),
  });
  let tries = 0;
  const deadline = start + functionMs;

  await renewal.renew('1');

  expect(tries).toBe(5);
  expect(renewal.now()).toBeLessThanOrEqual(deadline);
});

test('sends the token to the base URL of its secret', async () => {
  const { renew, sent } = startRenewal({
    secret: { ...user, base_url: 'https://open.example.com' },
  });

  await renew('1');

  expect(sent).toMatchObject([{ baseUrl: 'https://open.example.com' }]);
});

test.for([
  [
    'a base URL that is not allowed',
    { ...user, base_url: 'https://open.example.org' },
    'The base_url of the secret is not among those allowed at deploy.',
  ],
  [
    'no refresh token',
    { ...user, refresh_token: undefined },
    'The secret holds no refresh token: the user must authorise again.',
  ],
  [
    'the kind custom',
    { kind: 'custom', app_id: 'cli_1', app_secret: 'secret-app' },
    "Only a user's tokens are rotated, not those of kind custom.",
  ],
  [
    'the kind isv',
    { kind: 'isv', app: 'cli_1', tenant_key: 'secret-tenant' },
    "Only a user's tokens are rotated, not those of kind isv.",
  ],
  [
    'something else',
    { kind: 'user', secret: 'secret-x' },
    expect.stringMatching(/^It cannot be rotated: the secret user cannot be understood/),
  ],
] as const)('refuses a secret with %s, and sends nothing', async ([, secret, message]) => {
  const { renew, sent, store } = startRenewal({ secret });

  await expect(renew('1')).rejects.toMatchObject({ name: 'RotationError', message });

  expect(sent).toEqual([]);
  expect(puts(store.requests)).toBe(0);
});

const lostBecause = (why: string) => `the answer to its renewal was lost: ${why}`;

test.for([
  ['an answer that was cut off', cutOff, lostBecause('reset')],
  ['HTML with 502', refusal(undefined, 502), lostBecause('HTTP status 502')],
  ['200 that cannot be read', refusal(undefined, 200), lostBecause('HTTP status 200')],
  ['an unknown code with 500', refusal(4_242_424, 500), lostBecause('code 4242424')],
  ['a used token', refusal(20073), 'code 20073, '],
  ['a revoked token', refusal(20064), 'code 20064, '],
  ['an ended token', refusal(20037), 'code 20037, '],
] as const)('asks for a person after %s', async ([, answer, why]) => {
  const { renew, pending, sent } = startRenewal({ answers: [answer] });

  await renew('1');

  expect(sent).toHaveLength(1);
  const { refresh_token: _, ...rest } = user;
  expect(await pending()).toEqual({
    ...rest,
    authorise_again: expect.stringContaining(why),
    renewed_at: '2026-10-01T08:00:00.000Z',
    renewed_from: fingerprint('secret-refresh-0'),
  });
});

test.for([
  ['20050', refusal(20050, 500), 3, [4000, 4000], 'code 20050'],
  ['20072', refusal(20072, 503), 3, [4000, 4000], 'code 20072'],
  ['429', refusal(undefined, 429), 3, [4000, 4000], 'HTTP status 429'],
  ['no connection', unsent, 3, [4000, 4000], 'no connection'],
  ['a wrong app secret', refusal(20002), 1, [], 'code 20002'],
  ['a disabled app', refusal(20069), 1, [], 'code 20069'],
] as const)(
  'after %s the token may be sent again, some time later',
  async ([, answer, times, expectedWaits, why]) => {
    const { renew, current, pending, sent, waits, advance } = startRenewal({
      answers: [...Array.from({ length: times }, () => answer), renewed],
    });

    await expect(renew('1')).rejects.toThrow(`The tokens were not renewed: ${why}`);

    expect(sent).toHaveLength(times);
    expect(waits).toEqual(expectedWaits);
    expect(await current()).toEqual(user);
    expect(await pending()).toBe(undefined);

    advance(15 * minute);
    await renew('2');
    expect(await pending()).toMatchObject({ refresh_token: 'secret-refresh-1' });
  },
);

test('is content with the second answer where the first says to try again', async () => {
  const { renew, pending, sent } = startRenewal({ answers: [refusal(20050, 500), renewed] });

  await renew('1');

  expect(sent).toHaveLength(2);
  expect(await pending()).toMatchObject({ refresh_token: 'secret-refresh-1' });
});

test('gives up asking when too little time is left', async () => {
  const { renew, sent } = startRenewal({ answers: [unsent] });

  await expect(renew('1', writingMs + 7999)).rejects.toThrow('no connection');

  expect(sent).toHaveLength(1);
});

test('asks Feishu again only ten minutes later, however often the step is repeated', async () => {
  const { renew, sent, store, advance } = startRenewal({ answers: [refusal(20002)] });
  await expect(renew('1')).rejects.toThrow('20002');
  advance(10 * minute - 1);

  await expect(renew('1')).rejects.toThrow('Feishu was asked a short while ago');
  expect(sent).toHaveLength(1);
  expect(puts(store.requests)).toBe(1);

  advance(1);
  await expect(renew('1')).rejects.toThrow('20002');
  expect(sent).toHaveLength(2);
});

test('does not wait for tokens that a person has stored', async () => {
  const { renew, put, sent } = startRenewal({ answers: [refusal(20002), renewed] });
  await expect(renew('1')).rejects.toThrow('20002');
  await put({ ...user, refresh_token: 'secret-refresh-person' });

  await renew('2');

  expect(sent.map(({ refreshToken }) => refreshToken)).toEqual([
    'secret-refresh-0',
    'secret-refresh-person',
  ]);
});

test.for([20064, 20073])(
  'after %i it does not ask for a person where one has stored newer tokens',
  async (code) => {
    const renewal = startRenewal({
      answers: [refusal(code)],
      whileAsked: () => renewal.put({ ...user, refresh_token: 'secret-refresh-person' }),
    });

    await expect(renewal.renew('1')).rejects.toThrow(
      'The secret was changed while its tokens were renewed.',
    );

    expect(await renewal.version('1')).toBe(undefined);
  },
);

test('leaves a token alone that somebody else is renewing', async () => {
  const renewal = startRenewal({
    whileAsked: async () => {
      await expect(renewal.renew('2')).rejects.toThrow('The token is being renewed elsewhere.');
    },
  });

  await renewal.renew('1');

  expect(renewal.sent).toHaveLength(1);
  expect(await renewal.version('2')).toBe(undefined);
});

/** A renewal that dies while Feishu is asked. */
async function dieWhileAsked(options: Options = {}) {
  const renewal = startRenewal({ ...options, whileAsked: () => Promise.reject(new Error('dies')) });
  await expect(renewal.renew('1')).rejects.toThrow('dies');
  return renewal;
}

test('asks for a person where whoever sent the token has died', async () => {
  const { renew, advance, sent, pending } = await dieWhileAsked();
  advance(2 * minute);

  await renew('2');

  expect(sent).toHaveLength(1);
  expect(await pending()).toMatchObject({
    access_token: 'secret-access-0',
    authorise_again: 'the answer to its last renewal was lost',
  });
});

test('waits until whoever sent the token must have ended', async () => {
  const { renew, advance, pending } = await dieWhileAsked();
  advance(2 * minute - 1);

  await expect(renew('2')).rejects.toThrow('The token is being renewed elsewhere.');

  expect(await pending()).toBe(undefined);
});

test('takes over the tokens that a broken rotation has stored, also where they lost their label', async () => {
  const { renew, advance, sent, store, pending } = startRenewal();
  await renew('1');
  await store.UpdateSecretVersionStage({
    SecretId: 'user',
    VersionStage: 'AWSPENDING',
    RemoveFromVersionId: id('1'),
  });
  advance(15 * minute);

  await renew('2');

  expect(sent).toHaveLength(1);
  expect(await pending()).toMatchObject({ refresh_token: 'secret-refresh-1' });
});

/** A step that is repeated once a person has stored newer tokens, and whose repeat stores first. */
async function overtakenRenewal(): Promise<ReturnType<typeof startRenewal>> {
  let uses = 0;
  const renewal: ReturnType<typeof startRenewal> = startRenewal({
    async whileAsked() {
      uses += 1;
      if (uses > 1) return;
      await renewal.put({ ...user, refresh_token: 'secret-refresh-person' });
      await renewal.renew('1');
    },
  });
  await renewal.renew('1');
  return renewal;
}

test('keeps tokens beside others that a repeated step has stored in their place', async () => {
  const { version, pending } = await overtakenRenewal();

  expect(await version('1')).toMatchObject({ renewed_from: fingerprint('secret-refresh-person') });
  expect(await pending()).toMatchObject({ renewed_from: fingerprint('secret-refresh-0') });
});

test('finds tokens that were kept beside others, and none but those', async () => {
  const { store, pending, renew, advance } = await overtakenRenewal();
  // the person changes their mind, which also takes the label from the tokens
  const SecretString = JSON.stringify(user);
  await store.PutSecretValue({ SecretId: 'user', ClientRequestToken: id('e'), SecretString });
  advance(15 * minute);

  await renew('2');

  expect(await pending()).toMatchObject({
    refresh_token: 'secret-refresh-1',
    renewed_from: fingerprint('secret-refresh-0'),
  });
});

test.for([
  ['throttled', throttled, 4],
  ['answered into the void', lostAnswer, 1],
] as const)('stores what came of it, although that is %s', async ([, fault, times]) => {
  const faults = faultsOf('PutSecretValue', times, fault);
  const renewal = startRenewal({
    faultFor: (operation, input) =>
      String(input.SecretString).includes('access-1') ? faults(operation, input) : undefined,
  });

  await renewal.renew('1');

  expect(renewal.sent).toHaveLength(1);
  expect(await renewal.pending()).toMatchObject({ refresh_token: 'secret-refresh-1' });
});

test('gives up storing after five tries, and tells the name of the fault alone', async () => {
  const { renew, waits } = startRenewal({
    faultFor: (operation, input) =>
      operation === 'PutSecretValue' && String(input.SecretString).includes('access-1')
        ? { name: 'AccessDeniedException', message: 'secret-access-1' }
        : undefined,
  });

  await expect(renew('1')).rejects.toMatchObject({
    name: 'RotationError',
    message: 'It was not possible to write to the secret (AccessDeniedException).',
  });

  expect(waits).toEqual([500, 1000, 1500, 2000]);
});

test('sends nothing where its use cannot be noted', async () => {
  const { renew, sent } = startRenewal({ faultFor: faultsOf('PutSecretValue', 5) });

  await expect(renew('1')).rejects.toThrow('It was not possible to note the renewal in the secret');

  expect(sent).toEqual([]);
});

test('sends the token where the answer to its note was lost, also twice', async () => {
  const lostWrite = faultsOf('PutSecretValue', 1, lostAnswer);
  const failedRead = faultsOf('GetSecretValue', 1);
  let isNoted = false;
  const { renew, sent } = startRenewal({
    faultFor(operation, input) {
      isNoted ||= operation === 'PutSecretValue';
      return isNoted ? (lostWrite(operation, input) ?? failedRead(operation, input)) : undefined;
    },
  });

  await renew('1');

  expect(sent).toHaveLength(1);
});

test('says until it is heard that a refused token was not used', async () => {
  const { renew, advance, sent } = startRenewal({
    answers: [refusal(20002), renewed],
    faultFor: faultsOf('UpdateSecretVersionStage', 4),
  });
  await expect(renew('1')).rejects.toThrow('20002');
  advance(15 * minute);

  await renew('2');

  expect(sent).toHaveLength(2);
});

test.for([
  ['a refusal', [refusal(20002)]],
  ['a lost answer', [cutOff]],
  ['a used token', [refusal(20073)]],
] as const)('no error, no reason and no note tells a secret after %s', async ([, answers]) => {
  const { renew, store, pending } = startRenewal({ answers: [...answers] });

  const error = await renew('1').then(
    () => undefined,
    (error: Error) => error,
  );

  expect(`${error?.stack} ${(await pending())?.authorise_again}`).not.toContain('secret-');
  const notes = store.requests.filter(({ input }) =>
    String(input.VersionStages).includes('FEISHU_REFRESH_SENT'),
  );
  expect(notes).toHaveLength(1);
  expect(JSON.stringify(notes)).not.toContain('secret-');
});

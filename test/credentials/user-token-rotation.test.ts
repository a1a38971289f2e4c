import { expect, test } from 'vitest';
import { fingerprint } from '../../functions/credentials/refresh-claim.ts';
import { secretVersions } from '../../functions/credentials/secret-versions.ts';
import {
  finishRotation,
  recoverRotation,
  testRotation,
} from '../../functions/credentials/user-token-rotation.ts';
import { directSecretsClient } from '../../infra/local/secrets-manager/client.ts';
import {
  type FaultFor,
  lostAnswer,
  throttled,
} from '../../infra/local/secrets-manager/scripted-faults.ts';
import { secretsStore } from '../../infra/local/secrets-manager/store.ts';

const now = Date.now();
const deadline = now + 60_000;
const id = (character: string) => character.repeat(32);

const tokens = (name: string, from?: string) =>
  JSON.stringify({
    kind: 'user',
    app_id: 'cli_1',
    app_secret: 'secret-app',
    access_token: `secret-access-${name}`,
    access_token_expires_at: '2026-10-01T08:50:00.000Z',
    refresh_token: `secret-refresh-${name}`,
    ...(from !== undefined && { renewed_from: fingerprint(`secret-refresh-${from}`) }),
  });

/** A secret whose rotation has begun with version 1, and stored `made` as far as it got. */
async function startRotation(made?: string, faultFor?: FaultFor) {
  const store = secretsStore({
    secrets: { user: tokens('0') },
    functions: { 'arn:x': async () => {} },
    ...(faultFor && { faultFor }),
  });
  const versions = secretVersions(directSecretsClient(store));
  const SecretId = 'user';
  const put = (version: string, SecretString: string, VersionStages?: string[]) =>
    store.PutSecretValue({
      ...{ SecretId, SecretString, ClientRequestToken: id(version) },
      ...(VersionStages && { VersionStages }),
    });
  await store.RotateSecret({
    ...{ SecretId, ClientRequestToken: id('1'), RotationLambdaARN: 'arn:x' },
  });
  if (made !== undefined) await put('1', made, ['AWSPENDING']);
  const call =
    (step: typeof testRotation) =>
    (version = '1') =>
      step(versions, SecretId, id(version), deadline);
  return {
    store,
    put,
    test: call(testRotation),
    finish: call(finishRotation),
    recover: () => recoverRotation(versions, SecretId, deadline, () => now),
    async accessToken() {
      const { SecretString = '' } = await store.GetSecretValue({ SecretId });
      return JSON.parse(SecretString).access_token;
    },
    async labels() {
      const { VersionIdsToStages = {} } = await store.DescribeSecret({ SecretId });
      return Object.fromEntries(
        Object.entries(VersionIdsToStages).flatMap(([version, stages]) =>
          stages.map((stage) => [stage, version]),
        ),
      );
    },
  };
}

const changes = (requests: { operation: string }[]) =>
  requests.filter(({ operation }) =>
    ['PutSecretValue', 'UpdateSecretVersionStage'].includes(operation),
  ).length;

const labelFaults =
  (fault: typeof throttled): FaultFor =>
  (operation) =>
    operation === 'UpdateSecretVersionStage' ? fault : undefined;

test('finds what a rotation has made, and changes nothing', async () => {
  const rotation = await startRotation(tokens('1', '0'));
  const before = changes(rotation.store.requests);

  await rotation.test();

  expect(changes(rotation.store.requests)).toBe(before);
});

test.for([
  ['nothing', undefined, 'The rotation has made no new version.'],
  ['no JSON', 'secret-x', /^It cannot be rotated: the secret user cannot be understood/],
] as const)('a rotation that has made %s fails its test', async ([, made, message]) => {
  const rotation = await startRotation(made);

  await expect(rotation.test()).rejects.toThrow(message);
});

test('makes the new tokens the current ones', async () => {
  const { finish, accessToken, labels } = await startRotation(tokens('1', '0'));

  await finish();

  expect(await accessToken()).toBe('secret-access-1');
  expect(await labels()).toMatchObject({ AWSCURRENT: id('1') });
});

test('finishes once, however often it is asked to', async () => {
  const { finish, store, accessToken } = await startRotation(tokens('1', '0'));
  await finish();
  const before = changes(store.requests);

  await finish();

  expect(changes(store.requests)).toBe(before);
  expect(await accessToken()).toBe('secret-access-1');
});

test('does not finish what has made nothing', async () => {
  const { finish, accessToken } = await startRotation();

  await expect(finish()).rejects.toThrow('The rotation has made no new version.');

  expect(await accessToken()).toBe('secret-access-0');
});

test('never puts older tokens in the place of those that a person has stored', async () => {
  const { put, finish, accessToken } = await startRotation(tokens('1', '0'));
  await put('2', tokens('person'));

  await finish();
  await finish();

  expect(await accessToken()).toBe('secret-access-person');
});

test('ends the rotation of tokens that are outdated', async () => {
  const { put, finish, labels, accessToken } = await startRotation();
  await put('2', tokens('person'));
  await put('1', tokens('1', '0'), ['AWSPENDING']);

  await finish();

  expect(await accessToken()).toBe('secret-access-person');
  expect(await labels()).not.toHaveProperty('AWSPENDING');
});

test('does not finish where a person stores tokens at the same time', async () => {
  let isLate = false;
  const rotation = await startRotation(tokens('1', '0'), (operation) => {
    if (operation !== 'UpdateSecretVersionStage' || isLate) return undefined;
    isLate = true;
    void rotation.put('2', tokens('person'));
    return throttled;
  });

  await expect(rotation.finish()).rejects.toThrow('It was not possible to move the labels');

  expect(await rotation.accessToken()).toBe('secret-access-person');
});

test('is content where only the answer was lost', async () => {
  const { finish, accessToken } = await startRotation(tokens('1', '0'), labelFaults(lostAnswer));

  await finish();

  expect(await accessToken()).toBe('secret-access-1');
});

test('tells a fault by its name alone', async () => {
  const fault = { name: 'ThrottlingException', message: 'secret-refresh-1' };
  const { finish } = await startRotation(tokens('1', '0'), labelFaults(fault));

  await expect(finish()).rejects.toMatchObject({
    name: 'RotationError',
    message: 'It was not possible to move the labels of the secret (ThrottlingException).',
  });
});

test('is not content where nobody can tell whether it was done', async () => {
  const { finish } = await startRotation(tokens('1', '0'), (operation) =>
    ['UpdateSecretVersionStage', 'DescribeSecret'].includes(operation) ? throttled : undefined,
  );

  await expect(finish()).rejects.toThrow('ThrottlingException');
});

test('clears an empty version that a broken rotation has left', async () => {
  const { recover, labels } = await startRotation();

  await recover();

  expect(await labels()).toEqual({ AWSCURRENT: expect.any(String) });
});

const noteOf = (age: number) => JSON.stringify({ claimed_at: now - age });

test.for([
  ['lately', 120_000 - 1, ['FEISHU_REFRESH_SENT'], 'at work'],
  ['two minutes ago', 120_000, ['FEISHU_REFRESH_SENT'], 'none left'],
  ['lately and in vain', 1000, ['FEISHU_REFRESH_SENT', 'FEISHU_REFRESH_UNSPENT'], 'none left'],
] as const)('where a token was sent %s, a rotation is', async ([, age, stages, expected]) => {
  const { put, recover, labels } = await startRotation();
  await put('3', noteOf(age), [...stages]);

  expect(await recover()).toBe(expected);

  expect((await labels()).AWSPENDING).toBe(expected === 'at work' ? id('1') : undefined);
});

test('does not clear what may be at work', async () => {
  const { put, recover, labels } = await startRotation(undefined, (operation, { VersionId }) =>
    operation === 'GetSecretValue' && VersionId === id('3') ? throttled : undefined,
  );
  await put('3', noteOf(1000), ['FEISHU_REFRESH_SENT']);

  await expect(recover()).rejects.toThrow('It was not possible to read the secret');

  expect(await labels()).toMatchObject({ AWSPENDING: id('1') });
});

test('finishes a broken rotation that has made tokens', async () => {
  const { recover, accessToken } = await startRotation(tokens('1', '0'));

  await recover();

  expect(await accessToken()).toBe('secret-access-1');
});

test('clears tokens that a broken rotation has made of outdated ones', async () => {
  const { recover, labels, accessToken } = await startRotation(tokens('1', 'older'));

  await recover();

  expect(await accessToken()).toBe('secret-access-0');
  expect(await labels()).not.toHaveProperty('AWSPENDING');
});

test('leaves a label where it is that stayed on the current version', async () => {
  const { finish, recover, store, labels } = await startRotation(tokens('1', '0'));
  await finish();
  const before = store.requests.length;

  await recover();

  expect(store.requests.slice(before)).toMatchObject([{ operation: 'DescribeSecret' }]);
  expect(await labels()).toMatchObject({ AWSCURRENT: id('1'), AWSPENDING: id('1') });
});

test('has nothing to clear where no rotation was', async () => {
  const { recover, store, finish, put } = await startRotation();
  await put('2', tokens('2'));
  const before = changes(store.requests);

  await recover();

  expect(changes(store.requests)).toBe(before);
  await expect(finish()).rejects.toThrow('The rotation has made no new version.');
});

test.for([
  ['read', 'DescribeSecret', 'It was not possible to read the secret'],
  ['changed', 'UpdateSecretVersionStage', 'It was not possible to move the labels of the secret'],
] as const)('does not clear what cannot be %s', async ([, failing, message]) => {
  const { recover } = await startRotation(undefined, (operation) =>
    operation === failing ? throttled : undefined,
  );

  await expect(recover()).rejects.toThrow(message);
});

test('does not take for cleared what nobody can tell of', async () => {
  let looks = 0;
  const { recover } = await startRotation(undefined, (operation) => {
    if (operation === 'DescribeSecret') looks += 1;
    return operation === 'UpdateSecretVersionStage' || looks === 2 ? throttled : undefined;
  });

  await expect(recover()).rejects.toThrow('It was not possible to move the labels of the secret');
});

test('never puts tokens in the place of a reason why there are none of their own', async () => {
  const { put, finish, accessToken } = await startRotation(tokens('1', '0'));
  const { refresh_token: _, ...rest } = JSON.parse(tokens('given-up'));
  await put('2', JSON.stringify({ ...rest, authorise_again: 'code 20073' }));

  await finish();

  expect(await accessToken()).toBe('secret-access-given-up');
});

test('a secret without a current version cannot be rotated', async () => {
  const versions = secretVersions(directSecretsClient(secretsStore()));

  await expect(finishRotation(versions, 'user', id('1'), deadline)).rejects.toThrow(
    'The secret holds nothing.',
  );
});

import { expect, test } from 'vitest';
import { type SecretsStoreOptions, secretsStore } from '../../infra/local/secrets-manager/store.ts';

// The rules for versions and staging labels, as AWS documents them.

const id = (character: string) => character.repeat(32);

/** Has the secret `a` with the value `one`, in version 1. */
async function storeWithSecret(options: SecretsStoreOptions = {}) {
  const store = secretsStore({ now: () => 1000, ...options });
  await store.CreateSecret({ Name: 'a', SecretString: 'one', ClientRequestToken: id('1') });
  return {
    store,
    put: (version: string, value: string, labels?: string[]) =>
      store.PutSecretValue({
        SecretId: 'a',
        ClientRequestToken: id(version),
        SecretString: value,
        VersionStages: labels,
      }),
    move: (label: string, from?: string, to?: string) =>
      store.UpdateSecretVersionStage({
        SecretId: 'a',
        VersionStage: label,
        RemoveFromVersionId: from && id(from),
        MoveToVersionId: to && id(to),
      }),
    async labels() {
      const { VersionIdsToStages = {} } = await store.DescribeSecret({ SecretId: 'a' });
      return Object.fromEntries(
        Object.entries(VersionIdsToStages).map(([version, labels]) => [version[0], labels]),
      );
    },
  };
}

const refusal = (name: string, message = '') =>
  expect.objectContaining({ name, message: expect.stringContaining(message) });

test('reads the current version', async () => {
  const { store } = await storeWithSecret();

  const value = await store.GetSecretValue({ SecretId: 'a' });

  expect(value).toEqual({
    ARN: expect.stringMatching(/^arn:aws:secretsmanager:us-east-1:\d{12}:secret:a-[0-9a-f]{6}$/),
    Name: 'a',
    VersionId: id('1'),
    SecretString: 'one',
    VersionStages: ['AWSCURRENT'],
    CreatedDate: new Date(1000),
  });
});

test('finds a secret by its ARN, also without the six characters at its end', async () => {
  const { store } = await storeWithSecret();
  const { ARN = '' } = await store.DescribeSecret({ SecretId: 'a' });

  expect(await store.GetSecretValue({ SecretId: ARN })).toMatchObject({ Name: 'a' });
  expect(await store.GetSecretValue({ SecretId: ARN.slice(0, -7) })).toMatchObject({ Name: 'a' });
  await expect(store.GetSecretValue({ SecretId: ARN.slice(0, -1) })).rejects.toEqual(
    refusal('ResourceNotFoundException'),
  );
});

test.for([
  ['no secret', { SecretId: 'b' }, 'the specified secret.'],
  ['no such version', { SecretId: 'a', VersionId: id('9') }, `VersionId: ${id('9')}`],
  ['no such label', { SecretId: 'a', VersionStage: 'blue' }, 'staging label: blue'],
] as const)('reads nothing where there is %s', async ([, request, message]) => {
  const { store } = await storeWithSecret();

  await expect(store.GetSecretValue(request)).rejects.toEqual(
    refusal('ResourceNotFoundException', message),
  );
});

test('does not read a version under a label it does not bear', async () => {
  const { store } = await storeWithSecret();

  await expect(
    store.GetSecretValue({ SecretId: 'a', VersionId: id('1'), VersionStage: 'AWSPREVIOUS' }),
  ).rejects.toEqual(refusal('InvalidRequestException'));
});

test('makes the former current version the previous one', async () => {
  const { put, labels } = await storeWithSecret();

  expect(await put('2', 'two')).toMatchObject({ VersionStages: ['AWSCURRENT'] });
  expect(await labels()).toEqual({ 1: ['AWSPREVIOUS'], 2: ['AWSCURRENT'] });

  await put('3', 'three');
  expect(await labels()).toEqual({ 2: ['AWSPREVIOUS'], 3: ['AWSCURRENT'] });
});

test('lists versions that bear no label only if asked to', async () => {
  const { store, put } = await storeWithSecret();
  await put('2', 'two');
  await put('3', 'three');

  const { Versions } = await store.ListSecretVersionIds({ SecretId: 'a' });
  const all = await store.ListSecretVersionIds({ SecretId: 'a', IncludeDeprecated: true });

  expect(Versions?.map(({ VersionId }) => VersionId)).toEqual([id('2'), id('3')]);
  expect(all.Versions?.[0]).toMatchObject({ VersionId: id('1'), VersionStages: [] });
});

test('stores the same twice as if it were once', async () => {
  const { store, put, move, labels } = await storeWithSecret();
  await put('2', 'two', ['AWSPENDING']);
  await move('AWSCURRENT', '1', '2');
  const before = await labels();

  expect(await put('2', 'two', ['AWSPENDING'])).toMatchObject({
    VersionStages: ['AWSCURRENT', 'AWSPENDING'],
  });
  expect(await put('1', 'one')).toMatchObject({ VersionStages: ['AWSPREVIOUS'] });

  expect(await labels()).toEqual(before);
  expect(await store.GetSecretValue({ SecretId: 'a' })).toMatchObject({ SecretString: 'two' });
});

test('does not change the value of a version', async () => {
  const { put } = await storeWithSecret();

  await expect(put('1', 'two')).rejects.toEqual(
    refusal('ResourceExistsException', `You can't use ClientRequestToken ${id('1')}`),
  );
});

test('leaves the current version alone where a value comes with other labels', async () => {
  const { store, put, labels } = await storeWithSecret();

  await put('2', 'two', ['AWSPENDING', 'blue']);
  await put('3', 'three', ['blue']);

  expect(await labels()).toEqual({ 1: ['AWSCURRENT'], 2: ['AWSPENDING'], 3: ['blue'] });
  expect(await store.GetSecretValue({ SecretId: 'a' })).toMatchObject({ SecretString: 'one' });
});

test('takes AWSPENDING away where a new current value is stored', async () => {
  const { put, labels } = await storeWithSecret();
  await put('2', 'two', ['AWSPENDING', 'blue']);

  await put('3', 'three');

  expect(await labels()).toEqual({ 1: ['AWSPREVIOUS'], 2: ['blue'], 3: ['AWSCURRENT'] });
});

test('makes the first version of an empty secret the current one', async () => {
  const store = secretsStore();
  await store.CreateSecret({ Name: 'a', ClientRequestToken: id('1') });

  const put = await store.PutSecretValue({
    SecretId: 'a',
    ClientRequestToken: id('2'),
    SecretString: 'two',
    VersionStages: ['blue'],
  });

  expect(put.VersionStages).toEqual(['AWSCURRENT', 'blue']);
});

test('moves AWSCURRENT, and AWSPREVIOUS to where it was; AWSPENDING stays', async () => {
  const { put, move, labels } = await storeWithSecret();
  await put('2', 'two', ['AWSPENDING']);

  await move('AWSCURRENT', '1', '2');
  expect(await labels()).toEqual({ 1: ['AWSPREVIOUS'], 2: ['AWSCURRENT', 'AWSPENDING'] });

  await move('AWSCURRENT', '2', '1');
  expect(await labels()).toEqual({ 1: ['AWSCURRENT'], 2: ['AWSPENDING', 'AWSPREVIOUS'] });
});

test.for([
  ['from no version', undefined, '2', "RemoveFromVersionId can't be empty"],
  ['from a version that does not bear it', '2', '2', 'not attached'],
  ['away for good', '1', undefined, 'completely removed'],
] as const)('does not move AWSCURRENT %s', async ([, from, to, message]) => {
  const { put, move, labels } = await storeWithSecret();
  await put('2', 'two', ['AWSPENDING']);

  await expect(move('AWSCURRENT', from, to)).rejects.toEqual(
    refusal('InvalidParameterException', message),
  );
  expect(await labels()).toEqual({ 1: ['AWSCURRENT'], 2: ['AWSPENDING'] });
});

test.for([undefined, '1'])('moves a label to where it is: nothing happens', async (from) => {
  const { put, move, labels } = await storeWithSecret();
  await put('2', 'two', ['AWSPREVIOUS']);

  await move('AWSCURRENT', from, '1');

  expect(await labels()).toEqual({ 1: ['AWSCURRENT'], 2: ['AWSPREVIOUS'] });
});

test('adds, moves and removes labels of ours', async () => {
  const { put, move, labels } = await storeWithSecret();
  await put('2', 'two', ['green']);

  await move('blue', undefined, '1');
  await move('blue', '1', '2');
  await move('green', '2');

  expect(await labels()).toEqual({ 1: ['AWSCURRENT'], 2: ['blue'] });
  await expect(move('blue', '2', '9')).rejects.toEqual(refusal('ResourceNotFoundException'));
  await expect(move('blue')).rejects.toEqual(refusal('InvalidParameterException'));
});

test.for([31, 65])('refuses a version id of %i characters', async (length) => {
  const { store } = await storeWithSecret();
  const wrong = '2'.repeat(length);

  const refused = refusal('InvalidParameterException', 'must be 32-64 characters long');
  await expect(
    store.PutSecretValue({ SecretId: 'a', SecretString: 'two', ClientRequestToken: wrong }),
  ).rejects.toEqual(refused);
  await expect(store.GetSecretValue({ SecretId: 'a', VersionId: wrong })).rejects.toEqual(refused);
});

test('takes a value of 65536 bytes, and not of one more, which it does not repeat', async () => {
  const { put } = await storeWithSecret();
  const longest = `${'é'.repeat(32_767)}xx`;

  await put('2', longest);
  const error = await put('3', `${longest}x`).catch((thrown: Error) => thrown);

  expect(error).toEqual(refusal('ValidationException', "'secretString'"));
  expect(String(error)).not.toContain('é');
});

test('creates a secret once', async () => {
  const { store } = await storeWithSecret();
  const create = (version: string, value: string) =>
    store.CreateSecret({ Name: 'a', SecretString: value, ClientRequestToken: id(version) });

  expect(await create('1', 'one')).toMatchObject({ VersionId: id('1') });
  await expect(create('1', 'two')).rejects.toEqual(refusal('ResourceExistsException'));
  await expect(create('2', 'one')).rejects.toEqual(refusal('ResourceExistsException'));
  await expect(
    store.CreateSecret({ Name: 'a b', SecretString: 'one', ClientRequestToken: id('1') }),
  ).rejects.toEqual(refusal('ValidationException', 'Invalid name'));
});

test('describes a secret, and leaves out what it has not', async () => {
  let now = Date.UTC(2026, 0, 2, 3);
  const { store, put } = await storeWithSecret({ now: () => now });
  const before = await store.DescribeSecret({ SecretId: 'a' });

  now += 1000;
  await put('2', 'two');
  await store.GetSecretValue({ SecretId: 'a' });
  await store.TagResource({ SecretId: 'a', Tags: [{ Key: 'app', Value: 'x' }] });
  const after = await store.DescribeSecret({ SecretId: 'a' });

  expect(Object.keys(before).sort()).toEqual([
    'ARN',
    'CreatedDate',
    'LastChangedDate',
    'Name',
    'VersionIdsToStages',
  ]);
  expect(after).toMatchObject({
    CreatedDate: new Date('2026-01-02T03:00:00Z'),
    LastChangedDate: new Date('2026-01-02T03:00:01Z'),
    LastAccessedDate: new Date('2026-01-02T00:00:00Z'),
    Tags: [{ Key: 'app', Value: 'x' }],
  });
});

test('tags a secret from the start', async () => {
  const store = secretsStore();
  const Tags = [{ Key: 'app', Value: 'x' }];

  await store.CreateSecret({ Name: 'a', ClientRequestToken: id('1'), Tags });

  expect(await store.DescribeSecret({ SecretId: 'a' })).toMatchObject({ Tags });
});

test('untags', async () => {
  const { store } = await storeWithSecret();
  await store.TagResource({ SecretId: 'a', Tags: [{ Key: 'app', Value: 'x' }] });

  await store.UntagResource({ SecretId: 'a', TagKeys: ['app'] });

  expect(await store.DescribeSecret({ SecretId: 'a' })).not.toHaveProperty('Tags');
});

test('lists secrets by the start of their names, in pages', async () => {
  const store = secretsStore({ secrets: { 'x/1': '1', 'x/2': '2', 'x/3': '3', 'y/1': '4' } });
  const Filters = [{ Key: 'name' as const, Values: ['x/'] }];

  const first = await store.ListSecrets({ Filters, MaxResults: 2 });
  const { NextToken } = first;
  const rest = await store.ListSecrets({ Filters, MaxResults: 2, NextToken });

  expect(first.SecretList?.map(({ Name }) => Name)).toEqual(['x/1', 'x/2']);
  expect(rest.SecretList?.map(({ Name }) => Name)).toEqual(['x/3']);
  expect(rest).not.toHaveProperty('NextToken');
  await expect(store.ListSecrets({ NextToken })).rejects.toEqual(
    refusal('InvalidNextTokenException'),
  );
});

test('lists no secrets whose names begin otherwise, be it in upper case only', async () => {
  const store = secretsStore({ secrets: { 'x/1': '1', 'x/2': '2', 'x/3': '3' } });
  const list = async (Values: string[]) =>
    (await store.ListSecrets({ Filters: [{ Key: 'name', Values }] })).SecretList?.length;

  expect(await list(['X/'])).toBe(0);
  expect(await list(['/1'])).toBe(0);
  expect(await list(['!x/1'])).toBe(2);
});

test('keeps what is being deleted from all but those who look at it', async () => {
  const { store, put } = await storeWithSecret();

  await store.DeleteSecret({ SecretId: 'a', RecoveryWindowInDays: 7 });

  const refused = refusal('InvalidRequestException', 'marked for deletion');
  await expect(store.GetSecretValue({ SecretId: 'a' })).rejects.toEqual(refused);
  await expect(put('2', 'two')).rejects.toEqual(refused);
  await expect(
    store.CreateSecret({ Name: 'a', SecretString: 'one', ClientRequestToken: id('1') }),
  ).rejects.toEqual(refusal('InvalidRequestException', 'scheduled for deletion'));
  expect(await store.ListSecrets({})).toEqual({ SecretList: [] });
  expect(await store.DescribeSecret({ SecretId: 'a' })).toMatchObject({
    DeletedDate: new Date(1000 + 7 * 86_400_000),
  });
});

test('gives a secret that is made anew another ARN', async () => {
  const { store } = await storeWithSecret();
  const { ARN } = await store.DeleteSecret({ SecretId: 'a', ForceDeleteWithoutRecovery: true });

  const anew = await store.CreateSecret({ Name: 'a', ClientRequestToken: id('1') });

  expect(anew.ARN).not.toBe(ARN);
  await expect(store.DescribeSecret({ SecretId: ARN })).rejects.toEqual(
    refusal('ResourceNotFoundException'),
  );
});

test('tells what it was asked', async () => {
  const { store } = await storeWithSecret();
  const { ARN } = await store.DescribeSecret({ SecretId: 'a' });
  await store.GetSecretValue({ SecretId: 'a' });
  await store.GetSecretValue({ SecretId: ARN });
  await store.GetSecretValue({ SecretId: 'b' }).catch(() => {});

  expect(store.reads('a')).toBe(2);
  expect(store.reads('b')).toBe(1);
  expect(store.count('GetSecretValue')).toBe(3);
  expect(store.requests[1]).toEqual({ operation: 'DescribeSecret', input: { SecretId: 'a' } });
});

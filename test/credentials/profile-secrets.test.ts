import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import {
  type ProfileSecrets,
  profileSecrets,
} from '../../functions/credentials/profile-secrets.ts';
import { localSecretsClient } from '../../infra/local/secrets-manager/client.ts';
import type { SecretsStoreOptions } from '../../infra/local/secrets-manager/store.ts';
import { startLocalSecretsManager } from '../../infra/local/secrets-manager.ts';

const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:rotate';
const config = { profileSecretPrefix: 'feishu/', rotationFunctionArn: functionArn };
const soon = () => Date.now() + 5000;
const listed = { profile: 'a', name: 'feishu/a', rotationFunctionArn: undefined };

async function start(options: SecretsStoreOptions) {
  const secretsManager = await startLocalSecretsManager({
    functions: { [functionArn]: async () => {}, 'arn:other': async () => {} },
    ...options,
  });
  const client = localSecretsClient(secretsManager.url);
  return {
    ...secretsManager,
    secrets: profileSecrets(config, client),
    async [Symbol.asyncDispose]() {
      client.destroy();
      await secretsManager.close();
    },
  };
}

const namesOf = async (secrets: ReturnType<typeof profileSecrets>) =>
  (await Array.fromAsync(secrets.list(soon()))).map(({ name }) => name);

test('lists the secrets of profiles, and not those of apps and of others', async () => {
  const names = ['feishu/a', 'feishu/b', 'feishu/apps/cli_1', 'feishu-b', 'other'];
  await using started = await start({
    secrets: Object.fromEntries(names.map((name) => [name, 'x'])),
  });

  expect(await Array.fromAsync(started.secrets.list(soon()))).toEqual([
    listed,
    { ...listed, profile: 'b', name: 'feishu/b' },
  ]);
});

test('lists as many as there are', async () => {
  const names = Array.from({ length: 230 }, (_, index) => `feishu/${index}`);
  await using started = await start({
    secrets: Object.fromEntries(names.map((name) => [name, 'x'])),
  });

  expect(await namesOf(started.secrets)).toEqual(names);
  expect(started.count('ListSecrets')).toBeGreaterThan(1);
});

test('tells upper from lower case where the filter does not', async () => {
  const client = Object.assign(Object.create(SecretsManagerClient.prototype), {
    send: async () => ({ SecretList: [{ Name: 'Feishu/a' }, { Name: 'feishu/b' }, {}] }),
  });

  expect(await namesOf(profileSecrets(config, client))).toEqual(['feishu/b']);
});

test('tells with which function a secret is rotated', async () => {
  await using started = await start({ secrets: { 'feishu/a': 'x' } });
  await started.secrets.rotate(listed, soon());

  const [secret] = await Array.fromAsync(started.secrets.list(soon()));

  expect(secret?.rotationFunctionArn).toBe(functionArn);
});

test('reads what is current', async () => {
  await using started = await start({ secrets: { 'feishu/a': 'secret-x' } });

  expect(await started.secrets.read(listed, soon())).toEqual({ kind: 'text', text: 'secret-x' });
});

test('tells by its name why a secret cannot be read', async () => {
  const fault = { name: 'AccessDeniedException', message: 'secret-x' };
  await using started = await start({ secrets: { 'feishu/a': 'x' }, faultFor: () => fault });

  expect(await started.secrets.read(listed, soon())).toEqual({
    kind: 'fault',
    fault: 'AccessDeniedException',
  });
});

test('tells of a secret that holds nothing', async () => {
  await using started = await start({});

  expect(await started.secrets.read(listed, soon())).toEqual({
    kind: 'fault',
    fault: 'it holds nothing',
  });
});

const rotationOf = ({ requests }: { requests: { operation: string; input: object }[] }) =>
  requests.filter(({ operation }) => operation === 'RotateSecret').map(({ input }) => input);

test.for([
  ['none', undefined],
  ['another', 'arn:other'],
])('says what it is rotated with where %s is set', async ([, rotationFunctionArn]) => {
  await using started = await start({ secrets: { 'feishu/a': 'x' } });

  await started.secrets.rotate({ ...listed, rotationFunctionArn }, soon());

  expect(rotationOf(started)).toEqual([
    {
      SecretId: 'feishu/a',
      ClientRequestToken: expect.any(String),
      RotationLambdaARN: functionArn,
      RotationRules: { AutomaticallyAfterDays: 1000 },
    },
  ]);
});

test('leaves the function and the schedule of a secret as they are', async () => {
  await using started = await start({ secrets: { 'feishu/a': 'x' } });
  await started.secrets.rotate(listed, soon());
  await started.rotationsDone();

  await started.secrets.rotate({ ...listed, rotationFunctionArn: functionArn }, soon());

  expect(rotationOf(started)[1]).toEqual({
    SecretId: 'feishu/a',
    ClientRequestToken: expect.any(String),
  });
});

test('begins a rotation where a broken one has left an empty version', async () => {
  await using started = await start({
    secrets: { 'feishu/a': 'x' },
    functions: { [functionArn]: () => Promise.reject(new Error('broken')) },
  });
  await started.secrets.rotate(listed, soon());
  await started.rotationsDone();

  await started.secrets.rotate(listed, soon());

  expect(started.rotations).toHaveLength(2);
});

test('begins no rotation where one is at work', async () => {
  await using started = await start({
    secrets: { 'feishu/a': 'x' },
    functions: { [functionArn]: () => Promise.reject(new Error('the answer of the step is lost')) },
  });
  await started.secrets.rotate(listed, soon());
  await started.rotationsDone();
  await started.store.PutSecretValue({
    SecretId: 'feishu/a',
    SecretString: JSON.stringify({ claimed_at: Date.now() }),
    VersionStages: ['FEISHU_REFRESH_SENT'],
    ClientRequestToken: '1'.repeat(32),
  });

  await started.secrets.rotate(listed, soon());

  expect(started.rotations).toHaveLength(1);
});

test.for([
  [
    'ListSecrets',
    (secrets: ProfileSecrets, deadline: number) => Array.fromAsync(secrets.list(deadline)),
  ],
  ['RotateSecret', (secrets: ProfileSecrets, deadline: number) => secrets.rotate(listed, deadline)],
] as const)('waits no longer than the deadline for %s', async ([slow, call]) => {
  await using started = await start({
    secrets: { 'feishu/a': 'x' },
    yieldPoint: async (operation) => {
      if (operation === slow) await new Promise((resolve) => setTimeout(resolve, 1000));
    },
  });
  const startedAt = performance.now();

  await expect(call(started.secrets, Date.now() + 100)).rejects.toThrow();

  expect(performance.now() - startedAt).toBeLessThan(900);
});

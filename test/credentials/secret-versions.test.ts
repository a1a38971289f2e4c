import { expect, test } from 'vitest';
import {
  type SecretVersions,
  secretVersions,
} from '../../functions/credentials/secret-versions.ts';
import { localSecretsClient } from '../../infra/local/secrets-manager/client.ts';
import {
  internalError,
  lostAnswer,
  type ScriptedFault,
  throttled,
} from '../../infra/local/secrets-manager/scripted-faults.ts';
import { startLocalSecretsManager } from '../../infra/local/secrets-manager.ts';

// the unmodified SDK, over real sockets

const id = (character: string) => character.repeat(32);
const soon = () => Date.now() + 5000;

async function start(fault?: () => ScriptedFault | undefined) {
  const secretsManager = await startLocalSecretsManager({
    secrets: { a: 'secret-0' },
    ...(fault && { faultFor: fault }),
  });
  const client = localSecretsClient(secretsManager.url);
  return {
    store: secretsManager.store,
    versions: secretVersions(client),
    async [Symbol.asyncDispose]() {
      client.destroy();
      await secretsManager.close();
    },
  };
}

const pendingVersion = { versionId: id('1'), text: 'secret-1', stages: ['AWSPENDING'] };

test('reads a version by its label and by its id', async () => {
  await using started = await start();
  const { versions } = started;
  await versions.create('a', pendingVersion, soon());
  const expected = { kind: 'version', versionId: id('1'), text: 'secret-1' };

  expect(await versions.read('a', { stage: 'AWSPENDING' }, soon())).toEqual(expected);
  expect(await versions.read('a', { versionId: id('1') }, soon())).toEqual(expected);
  expect(await versions.read('a', { stage: 'AWSCURRENT' }, soon())).toMatchObject({
    text: 'secret-0',
  });
});

test.for([
  ['a label on none', 'a', { stage: 'AWSPENDING' }],
  ['an id of none', 'a', { versionId: id('2') }],
  ['no secret', 'b', { stage: 'AWSCURRENT' }],
] as const)('reads nothing where there is %s', async ([, name, which]) => {
  await using started = await start();

  expect(await started.versions.read(name, which, soon())).toEqual({ kind: 'none' });
});

test('makes a version with its labels alone', async () => {
  await using started = await start();
  const { versions, store } = started;

  expect(await versions.create('a', pendingVersion, soon())).toEqual({ kind: 'created' });

  const { VersionIdsToStages } = await store.DescribeSecret({ SecretId: 'a' });
  expect(VersionIdsToStages).toMatchObject({ [id('1')]: ['AWSPENDING'] });
});

test('tells whoever comes second with another text, and not who repeats the same', async () => {
  await using started = await start();
  const { versions } = started;
  await versions.create('a', pendingVersion, soon());

  expect(await versions.create('a', pendingVersion, soon())).toEqual({ kind: 'created' });
  expect(await versions.create('a', { ...pendingVersion, text: 'other' }, soon())).toEqual({
    kind: 'exists',
  });
});

test('tells which version bears each label', async () => {
  await using started = await start();
  const { versions } = started;
  await versions.create('a', { ...pendingVersion, stages: ['AWSPENDING', 'blue'] }, soon());

  const stages = await versions.stages('a', soon());

  expect(stages.kind === 'stages' && Object.fromEntries(stages.holders)).toEqual({
    AWSCURRENT: expect.any(String),
    AWSPENDING: id('1'),
    blue: id('1'),
  });
});

test('moves, gives and takes a label', async () => {
  await using started = await start();
  const { versions } = started;
  await versions.create('a', pendingVersion, soon());
  await versions.create('a', { versionId: id('2'), text: 'x', stages: ['green'] }, soon());
  const holder = async () => {
    const stages = await versions.stages('a', soon());
    return stages.kind === 'stages' ? stages.holders.get('blue') : undefined;
  };

  expect(await versions.moveStage('a', 'blue', { to: id('1') }, soon())).toEqual({ kind: 'moved' });
  expect(await holder()).toBe(id('1'));
  await versions.moveStage('a', 'blue', { from: id('1'), to: id('2') }, soon());
  expect(await holder()).toBe(id('2'));
  await versions.moveStage('a', 'blue', { from: id('2') }, soon());
  expect(await holder()).toBe(undefined);
});

test('does not take a label from a version that does not bear it', async () => {
  await using started = await start();

  expect(
    await started.versions.moveStage('a', 'AWSCURRENT', { from: id('9'), to: id('1') }, soon()),
  ).toMatchObject({ kind: 'fault' });
});

const calls: [string, (versions: SecretVersions, deadline: number) => Promise<unknown>][] = [
  ['read', (versions, deadline) => versions.read('a', { stage: 'AWSCURRENT' }, deadline)],
  ['create', (versions, deadline) => versions.create('a', pendingVersion, deadline)],
  ['stages', (versions, deadline) => versions.stages('a', deadline)],
  ['moveStage', (versions, deadline) => versions.moveStage('a', 'x', { to: id('1') }, deadline)],
];

test.for(calls)('%s tells a fault by its name alone', async ([, call]) => {
  const faults: ScriptedFault[] = [
    { ...(throttled as object), name: 'ThrottlingException', message: 'secret-1' },
    internalError,
    lostAnswer,
  ];
  await using started = await start(() => faults.shift());

  expect(await call(started.versions, soon())).toEqual({
    kind: 'fault',
    fault: 'ThrottlingException',
  });
  expect(await call(started.versions, soon())).toEqual({
    kind: 'fault',
    fault: 'InternalServiceError',
  });
  expect(await call(started.versions, soon())).toEqual({
    kind: 'fault',
    fault: expect.any(String),
  });
});

test.for(calls)('%s waits no longer than its deadline', async ([, call]) => {
  await using secretsManager = await startLocalSecretsManager({
    secrets: { a: 'x' },
    yieldPoint: () => new Promise((resolve) => setTimeout(resolve, 1000)),
  });
  const client = localSecretsClient(secretsManager.url);
  const startedAt = performance.now();

  const answer = await call(secretVersions(client), Date.now() + 50);

  client.destroy();
  expect(answer).toMatchObject({ kind: 'fault' });
  expect(performance.now() - startedAt).toBeLessThan(900);
});

import { expect, test } from 'vitest';
import type { RotationEvent } from '../../infra/local/secrets-manager/rotation.ts';
import { type SecretsStoreOptions, secretsStore } from '../../infra/local/secrets-manager/store.ts';

const id = (character: string) => character.repeat(32);
const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:rotate';

type Options = {
  /** What a step does instead of what it should. */
  instead?: Partial<Record<RotationEvent['Step'], () => unknown>>;
} & Pick<SecretsStoreOptions, 'pendingLabelAfterRotation'>;

/** Has the secret `a`, and a function that rotates it as AWS's template does. */
function rotatingStore({ instead = {}, ...options }: Options = {}) {
  const events: RotationEvent[] = [];
  const store = secretsStore({
    secrets: { a: 'old' },
    now: () => 5000,
    functions: {
      async [functionArn](event: RotationEvent) {
        events.push(event);
        const { SecretId, ClientRequestToken } = event;
        if (instead[event.Step]) {
          await instead[event.Step]?.();
          return;
        }
        if (event.Step === 'createSecret') {
          await store.PutSecretValue({
            SecretId,
            ClientRequestToken,
            SecretString: 'new',
            VersionStages: ['AWSPENDING'],
          });
        }
        if (event.Step === 'finishSecret') {
          const { VersionId } = await store.GetSecretValue({ SecretId });
          await store.UpdateSecretVersionStage({
            SecretId,
            VersionStage: 'AWSCURRENT',
            MoveToVersionId: ClientRequestToken,
            RemoveFromVersionId: VersionId,
          });
        }
      },
    },
    ...options,
  });
  return {
    store,
    events,
    instead,
    rotate: (version: string, RotateImmediately = true) =>
      store.RotateSecret({
        SecretId: 'a',
        ClientRequestToken: id(version),
        RotationLambdaARN: functionArn,
        RotateImmediately,
      }),
    describe: () => store.DescribeSecret({ SecretId: 'a' }),
  };
}

const fails = () => {
  throw new Error('as scripted');
};
const refusal = (name: string, message = '') =>
  expect.objectContaining({ name, message: expect.stringContaining(message) });

test('calls the function for the four steps, one after the other', async () => {
  const { store, events, rotate, describe } = rotatingStore();

  const answer = await rotate('2');
  await store.rotationsDone();

  const { ARN } = await describe();
  expect(answer).toEqual({ ARN, Name: 'a', VersionId: id('2') });
  expect(events.map(({ Step }) => Step)).toEqual([
    'createSecret',
    'setSecret',
    'testSecret',
    'finishSecret',
  ]);
  expect(events[0]).toEqual({
    SecretId: ARN,
    ClientRequestToken: id('2'),
    Step: 'createSecret',
    RotationToken: expect.any(String),
  });
});

test('has a new current version after it', async () => {
  const { store, rotate, describe } = rotatingStore();

  await rotate('2');
  await store.rotationsDone();

  expect(await store.GetSecretValue({ SecretId: 'a' })).toMatchObject({
    SecretString: 'new',
    VersionStages: ['AWSCURRENT', 'AWSPENDING'],
  });
  expect(await describe()).toMatchObject({
    RotationEnabled: true,
    RotationLambdaARN: functionArn,
    LastRotatedDate: new Date(5000),
  });
  expect(store.rotations).toMatchObject([{ secretName: 'a', versionId: id('2') }]);
  expect(store.rotations[0]).not.toHaveProperty('failedStep');
});

test('can take AWSPENDING away at the end', async () => {
  const { store, rotate } = rotatingStore({ pendingLabelAfterRotation: 'is removed' });

  await rotate('2');
  await store.rotationsDone();

  const { VersionStages } = await store.GetSecretValue({ SecretId: 'a' });
  expect(VersionStages).toEqual(['AWSCURRENT']);
});

test('answers before the function has done anything', async () => {
  const { promise: held, resolve } = Promise.withResolvers<void>();
  const { store, rotate } = rotatingStore({ instead: { createSecret: () => held } });

  await rotate('2');

  const pending = { SecretId: 'a', VersionStage: 'AWSPENDING' };
  await expect(store.GetSecretValue(pending)).rejects.toEqual(
    refusal('ResourceNotFoundException', 'staging label: AWSPENDING'),
  );
  resolve();
  await store.rotationsDone();
});

test('is not begun while another one is under way', async () => {
  const { promise: held, resolve } = Promise.withResolvers<void>();
  const { store, rotate } = rotatingStore({ instead: { setSecret: () => held } });
  await rotate('2');

  const refused = refusal('InvalidRequestException', "A previous rotation isn't complete.");
  await expect(rotate('3')).rejects.toEqual(refused);
  await expect(rotate('2')).rejects.toEqual(refused);

  resolve();
  await store.rotationsDone();
  await rotate('3');
  await store.rotationsDone();
  expect(store.rotations.map(({ versionId }) => versionId)).toEqual([id('2'), id('3')]);
});

test('is not begun anew by who asks for it once more when it is over', async () => {
  const { store, events, rotate } = rotatingStore();
  await rotate('2');
  await store.rotationsDone();

  expect(await rotate('2')).toMatchObject({ VersionId: id('2') });

  await store.rotationsDone();
  expect(events).toHaveLength(4);
});

test.for(['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const)(
  'stops at %s where that throws, and is stuck',
  async (step) => {
    const { store, events, rotate, describe } = rotatingStore({ instead: { [step]: fails } });

    await rotate('2');
    await store.rotationsDone();

    expect(events.at(-1)?.Step).toBe(step);
    expect(store.rotations).toMatchObject([
      {
        failedStep: step,
        error: new Error('as scripted'),
        doneSteps: { length: events.length - 1 },
      },
    ]);
    expect(await describe()).not.toHaveProperty('LastRotatedDate');
    expect(await store.GetSecretValue({ SecretId: 'a' })).toMatchObject({ SecretString: 'old' });
    await expect(rotate('3')).rejects.toEqual(refusal('InvalidRequestException'));
  },
);

test('is no success where AWSCURRENT has not moved', async () => {
  const { store, rotate } = rotatingStore({ instead: { finishSecret: () => {} } });

  await rotate('2');
  await store.rotationsDone();

  expect(store.rotations[0]).toMatchObject({ failedStep: 'finishSecret' });
});

test('is attempted anew, from the start and with the same version', async () => {
  const { store, events, rotate, instead } = rotatingStore({ instead: { testSecret: fails } });
  await rotate('2');
  await store.rotationsDone();

  delete instead.testSecret;
  store.reattemptRotation('a');
  await store.rotationsDone();

  expect(events.map(({ Step }) => Step).slice(3)).toEqual([
    'createSecret',
    'setSecret',
    'testSecret',
    'finishSecret',
  ]);
  expect(await store.GetSecretValue({ SecretId: 'a' })).toMatchObject({ VersionId: id('2') });
});

test('is unstuck by who removes AWSPENDING, or stores a new current value', async () => {
  const { store, rotate } = rotatingStore({ instead: { setSecret: fails } });
  await rotate('2');
  await store.rotationsDone();

  await store.UpdateSecretVersionStage({
    SecretId: 'a',
    VersionStage: 'AWSPENDING',
    RemoveFromVersionId: id('2'),
  });
  await rotate('3');
  await store.rotationsDone();

  await store.PutSecretValue({ SecretId: 'a', ClientRequestToken: id('4'), SecretString: 'hand' });
  expect(await rotate('5')).toMatchObject({ VersionId: id('5') });
  await store.rotationsDone();
});

test('only tests the function where it is not to rotate at once', async () => {
  const seen: unknown[] = [];
  const { store, events, rotate, describe } = rotatingStore({
    instead: {
      testSecret: async () =>
        seen.push(await store.GetSecretValue({ SecretId: 'a', VersionStage: 'AWSPENDING' })),
    },
  });

  await rotate('2', false);
  await store.rotationsDone();

  expect(events.map(({ Step }) => Step)).toEqual(['testSecret']);
  expect(seen).toMatchObject([{ VersionId: id('2'), SecretString: 'old' }]);
  const { VersionIdsToStages } = await describe();
  expect(Object.values(VersionIdsToStages ?? {})).toEqual([['AWSCURRENT']]);
});

test('needs a function', async () => {
  const { store } = rotatingStore();
  const request = { SecretId: 'a', ClientRequestToken: id('2') };

  await expect(store.RotateSecret(request)).rejects.toEqual(
    refusal('InvalidRequestException', 'No Lambda rotation function ARN'),
  );
  await expect(store.RotateSecret({ ...request, RotationLambdaARN: 'arn:x' })).rejects.toEqual(
    refusal('ResourceNotFoundException'),
  );
});

test('keeps the function and the rules for the next time', async () => {
  const { store, describe } = rotatingStore();
  await store.RotateSecret({
    SecretId: 'a',
    ClientRequestToken: id('2'),
    RotationLambdaARN: functionArn,
    RotationRules: { AutomaticallyAfterDays: 30 },
  });
  await store.rotationsDone();

  await store.RotateSecret({ SecretId: 'a', ClientRequestToken: id('3') });
  await store.rotationsDone();

  expect(await describe()).toMatchObject({ RotationRules: { AutomaticallyAfterDays: 30 } });
  expect(store.rotations).toHaveLength(2);
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Request } from '../../infra/local/aws-json.ts';
import type { OperationName } from '../../infra/local/secrets-manager/api.ts';
import { secretsStore } from '../../infra/local/secrets-manager/store.ts';

// Whatever is called, in whatever order: what AWS promises of labels and values holds.

const ids = ['1', '2', '3', '4'].map((character) => character.repeat(32));
const anId = fc.constantFrom(...ids);
const aLabel = fc.constantFrom('AWSCURRENT', 'AWSPENDING', 'AWSPREVIOUS', 'blue');

const aCall: fc.Arbitrary<[OperationName, Request]> = fc.oneof(
  fc
    .record({
      ClientRequestToken: anId,
      SecretString: fc.constantFrom('x', 'y'),
      VersionStages: fc.option(fc.uniqueArray(aLabel, { minLength: 1 }), { nil: undefined }),
    })
    .map((input): [OperationName, Request] => ['PutSecretValue', input]),
  fc
    .record({
      VersionStage: aLabel,
      RemoveFromVersionId: fc.option(anId, { nil: undefined }),
      MoveToVersionId: fc.option(anId, { nil: undefined }),
    })
    .map((input): [OperationName, Request] => ['UpdateSecretVersionStage', input]),
  fc
    .record({ ClientRequestToken: anId, RotationLambdaARN: fc.constant('arn:x') })
    .map((input): [OperationName, Request] => ['RotateSecret', input]),
);

async function startedStore() {
  const store = secretsStore({ functions: { 'arn:x': async () => {} } });
  const create = { Name: 'a', SecretString: 'x', ClientRequestToken: ids[0] };
  await store.CreateSecret(create);
  return store;
}

async function versions(store: ReturnType<typeof secretsStore>) {
  const request = { SecretId: 'a', IncludeDeprecated: true };
  const { Versions = [] } = await store.ListSecretVersionIds(request);
  return Promise.all(
    Versions.map(async ({ VersionId = '', VersionStages = [] }) => ({
      id: VersionId,
      labels: VersionStages,
      value: await store.GetSecretValue({ SecretId: 'a', VersionId }).then(
        ({ SecretString }) => SecretString,
        () => undefined,
      ),
    })),
  );
}

test('each label is on one version, AWSCURRENT on one always, and no value changes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(aCall, { maxLength: 12 }), async (calls) => {
      const store = await startedStore();
      const values = new Map<string, string>();
      for (const [operation, input] of calls) {
        await store.call(operation, { SecretId: 'a', ...input } as never).catch(() => {});
        await store.rotationsDone();

        const now = await versions(store);
        const labels = now.flatMap((version) => version.labels);
        expect(new Set(labels).size).toBe(labels.length);
        expect(labels).toContain('AWSCURRENT');
        for (const { id, value } of now) {
          if (value !== undefined) expect(values.get(id) ?? value).toBe(value);
          if (value !== undefined) values.set(id, value);
        }
      }
    }),
    { numRuns: 150, seed: 1 },
  );
});

test('of two who move AWSCURRENT away from a version at the same time, one does', async () => {
  const winners = new Set<unknown>();
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const store = secretsStore({
        secrets: { a: 'x' },
        yieldPoint: () => scheduler.schedule(Promise.resolve()),
      });
      async function promote(version: string, RemoveFromVersionId: string | undefined) {
        const request = { SecretId: 'a', ClientRequestToken: version, SecretString: 'y' };
        await store.PutSecretValue({ ...request, VersionStages: [version] });
        await store.UpdateSecretVersionStage({
          SecretId: 'a',
          VersionStage: 'AWSCURRENT',
          MoveToVersionId: version,
          RemoveFromVersionId,
        });
        return version;
      }

      const outcomes = await scheduler.waitFor(
        store
          .GetSecretValue({ SecretId: 'a' })
          .then(({ VersionId }) =>
            Promise.allSettled([ids[1], ids[2]].map((id = '') => promote(id, VersionId))),
          ),
      );

      const moved = outcomes.filter(({ status }) => status === 'fulfilled');
      const refused = outcomes.filter(({ status }) => status === 'rejected');
      expect(moved).toHaveLength(1);
      expect(refused).toMatchObject([{ reason: { name: 'InvalidParameterException' } }]);
      winners.add(outcomes.indexOf(moved[0] as never));
    }),
    { numRuns: 50, seed: 1 },
  );

  expect(winners.size).toBe(2);
});

test('yields before and after each piece of work, also where that fails', async () => {
  const seen: string[] = [];
  const store = secretsStore({
    secrets: { a: 'x' },
    yieldPoint: async (operation, input) => {
      seen.push(`${operation} ${input.SecretId}`);
    },
  });

  await store.GetSecretValue({ SecretId: 'a' });
  await store.GetSecretValue({ SecretId: 'b' }).catch(() => {});

  expect(seen).toEqual([
    'GetSecretValue a',
    'GetSecretValue a',
    'GetSecretValue b',
    'GetSecretValue b',
  ]);
});

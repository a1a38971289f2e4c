import { expect, test } from 'vitest';
import { appTicketStore } from '../../functions/credentials/app-ticket-store.ts';
import { secretVersions } from '../../functions/credentials/secret-versions.ts';
import { directSecretsClient } from '../../infra/local/secrets-manager/client.ts';
import {
  denied,
  type FaultFor,
  internalError,
  lostAnswer,
} from '../../infra/local/secrets-manager/scripted-faults.ts';
import { type SecretsStoreOptions, secretsStore } from '../../infra/local/secrets-manager/store.ts';

const SecretId = 'feishu/apps/cli_store';
const secret = { app_id: 'cli_store', app_secret: 'RECOGNISABLE', encrypt_key: 'key' };
const at = Date.parse('2026-01-31T08:00:00Z');
const soon = () => Date.now() + 5000;

type YieldPoint = NonNullable<SecretsStoreOptions['yieldPoint']>;

function start(
  held: object | undefined = secret,
  faultFor?: FaultFor,
  yieldPoint: YieldPoint = async () => {},
) {
  const secrets = held && { [SecretId]: JSON.stringify(held) };
  const aws = secretsStore({
    ...(secrets && { secrets }),
    ...(faultFor && { faultFor }),
    yieldPoint,
  });
  const store = appTicketStore('feishu/', secretVersions(directSecretsClient(aws)));
  const put = (appTicket: string, pushedAt: number) =>
    store.store({ appId: 'cli_store', appTicket, pushedAt }, soon());
  return {
    aws,
    store,
    put,
    async putAndSetBack(appTicket: string, pushedAt: number) {
      const { VersionId: first = '' } = await aws.GetSecretValue({ SecretId });
      await put(appTicket, pushedAt);
      const { VersionId: second = '' } = await aws.GetSecretValue({ SecretId });
      await aws.UpdateSecretVersionStage({
        SecretId,
        VersionStage: 'AWSCURRENT',
        RemoveFromVersionId: second,
        MoveToVersionId: first,
      });
    },
    async held() {
      const { SecretString = '' } = await aws.GetSecretValue({ SecretId });
      return JSON.parse(SecretString);
    },
    async versions() {
      const { Versions = [] } = await aws.ListSecretVersionIds({
        SecretId,
        IncludeDeprecated: true,
      });
      return Versions.length;
    },
  };
}

test('finds an app by its id, with the version that it was read from', async () => {
  const { store } = start();

  expect(await store.find('cli_store', soon())).toMatchObject({
    kind: 'app',
    value: { appId: 'cli_store', encryptKey: 'key' },
    versionId: expect.stringMatching(/^.{32}$/),
    text: JSON.stringify(secret),
  });
});

test('stores the first ticket beside all that the secret held', async () => {
  const { put, held } = start();

  expect(await put('g-1', at)).toEqual({ kind: 'stored' });
  expect(await held()).toEqual({
    ...secret,
    app_ticket: 'g-1',
    app_ticket_pushed_at: '2026-01-31T08:00:00.000Z',
  });
});

test.for([
  ['a newer ticket', 'g-2', 1, 'stored'],
  ['another ticket of the same moment', 'g-2', 0, 'not_newer'],
  ['an older ticket', 'g-2', -1, 'not_newer'],
  ['the same ticket again', 'g-1', 0, 'not_newer'],
  ['the same ticket, pushed again', 'g-1', 1, 'not_newer'],
] as const)('of a ticket and %s keeps the newer', async ([, ticket, laterMs, kind]) => {
  const { put, held, versions } = start();
  await put('g-1', at);

  expect(await put(ticket, at + laterMs)).toEqual({ kind });
  expect(await held()).toMatchObject({ app_ticket: kind === 'stored' ? 'g-2' : 'g-1' });
  expect(await versions()).toBe(kind === 'stored' ? 3 : 2);
});

test('any ticket is newer than one that a person stored without its time', async () => {
  const { put } = start({ ...secret, app_ticket: 'g-0' });

  expect(await put('g-1', 1)).toEqual({ kind: 'stored' });
});

test('a ticket that is stored ten times at once makes one version', async () => {
  const { put, versions } = start();

  const stored = await Promise.all(Array.from({ length: 10 }, () => put('g-1', at)));

  expect(stored).toEqual(Array(10).fill({ kind: 'stored' }));
  expect(await versions()).toBe(2);
});

test('a ticket can be stored after the secret was set back to an earlier version', async () => {
  const { put, putAndSetBack, held } = start();
  await putAndSetBack('g-1', at);

  expect(await put('g-2', at + 1)).toEqual({ kind: 'stored' });
  expect(await held()).toMatchObject({ app_ticket: 'g-2' });
});

test('a ticket that is delivered again after the secret was set back becomes current again', async () => {
  const { put, putAndSetBack, held, versions } = start();
  await putAndSetBack('g-1', at);

  expect(await put('g-1', at)).toEqual({ kind: 'stored' });
  expect(await held()).toMatchObject({ app_ticket: 'g-1' });
  expect(await versions()).toBe(2);
});

/** Does this once, before the first version is written. */
function beforeWriting(intervene: () => Promise<unknown>): YieldPoint {
  let isDone = false;
  return async (operation) => {
    if (operation !== 'PutSecretValue' || isDone) return;
    isDone = true;
    await intervene();
  };
}

test('a slow write of an older ticket does not replace a newer one', async () => {
  const yieldPoint = beforeWriting(() => started.put('g-2', at + 1));
  const started = start(secret, undefined, yieldPoint);

  expect(await started.put('g-1', at)).toEqual({ kind: 'not_newer' });
  expect(await started.held()).toMatchObject({ app_ticket: 'g-2' });
});

test('a slow write of a ticket keeps what a person has stored meanwhile', async () => {
  const yieldPoint = beforeWriting(() =>
    started.aws.PutSecretValue({
      SecretId,
      SecretString: JSON.stringify({ ...secret, app_secret: 'another' }),
      ClientRequestToken: 'c'.repeat(32),
    }),
  );
  const started = start(secret, undefined, yieldPoint);

  expect(await started.put('g-1', at)).toEqual({ kind: 'stored' });
  expect(await started.held()).toMatchObject({ app_secret: 'another', app_ticket: 'g-1' });
});

test('gives up where somebody else stores something again and again', async () => {
  let writes = 0;
  const started = start(secret, undefined, async (operation, { ClientRequestToken: id }) => {
    if (operation !== 'PutSecretValue' || String(id).startsWith('person')) return;
    await started.aws.PutSecretValue({
      SecretId,
      SecretString: JSON.stringify({ ...secret, app_secret: `another-${++writes}` }),
      ClientRequestToken: `person-${writes}-`.padEnd(32, '0'),
    });
  });

  expect(await started.put('g-1', at)).toEqual({
    kind: 'fault',
    fault: 'InvalidParameterException',
  });
  expect(await started.held()).toEqual({ ...secret, app_secret: `another-${writes}` });
});

test('a ticket whose label was moved without an answer is stored', async () => {
  const { put, held } = start(secret, (operation) =>
    operation === 'UpdateSecretVersionStage' ? lostAnswer : undefined,
  );

  expect(await put('g-1', at)).toEqual({ kind: 'stored' });
  expect(await held()).toMatchObject({ app_ticket: 'g-1' });
});

test('a ticket can be stored again after a person has replaced the whole secret', async () => {
  const { aws, put, held } = start();
  await put('g-1', at);
  await aws.PutSecretValue({
    SecretId,
    SecretString: JSON.stringify({ ...secret, app_secret: 'another' }),
    ClientRequestToken: 'c'.repeat(32),
  });

  expect(await put('g-1', at)).toEqual({ kind: 'stored' });
  expect(await held()).toMatchObject({ app_secret: 'another', app_ticket: 'g-1' });
});

test.for<[string, object | undefined, string]>([
  ['has no secret', undefined, `the secret ${SecretId} does not exist`],
  ['has the secret of another', { ...secret, app_id: 'cli_other' }, 'is of another app'],
  ['has a secret with a fault', { ...secret, app_secret: '' }, 'app_secret must not be empty'],
])('an app that %s is not known', async ([, held, reason]) => {
  const { aws, store, put } = start(held ?? undefined);
  if (held === undefined) await aws.DeleteSecret({ SecretId, ForceDeleteWithoutRecovery: true });
  const unknown = { kind: 'unknown_app', reason: expect.stringContaining(reason) };

  expect(await store.find('cli_store', soon())).toEqual(unknown);
  expect(await put('g-1', at)).toEqual(unknown);
  expect(aws.count('PutSecretValue')).toBe(0);
});

test.for([
  ['GetSecretValue', denied, 'AccessDeniedException'],
  ['PutSecretValue', internalError, 'InternalServiceError'],
  ['PutSecretValue', lostAnswer, 'HangUp'],
  ['UpdateSecretVersionStage', denied, 'AccessDeniedException'],
] as const)('tells by its name alone that %s failed', async ([failing, scripted, fault]) => {
  const { put } = start(secret, (operation) => (operation === failing ? scripted : undefined));

  expect(await put('g-1', at)).toEqual({ kind: 'fault', fault });
});

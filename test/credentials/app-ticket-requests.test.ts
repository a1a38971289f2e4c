import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  askedByAnybody,
  askedInThisProcess,
  askedLabel,
} from '../../functions/credentials/app-ticket-requests.ts';
import { secretVersions } from '../../functions/credentials/secret-versions.ts';
import { directSecretsClient } from '../../infra/local/secrets-manager/client.ts';
import {
  denied,
  type FaultFor,
  internalError,
  throttled,
} from '../../infra/local/secrets-manager/scripted-faults.ts';
import { secretsStore } from '../../infra/local/secrets-manager/store.ts';

const SecretId = 'feishu/apps/cli_store';
const secret = '{"app_secret":"RECOGNISABLE"}';
const minute = 60_000;

const yes = { kind: 'yes' };
const no = { kind: 'no' };

/** One secret, a clock, and as many processes as are wanted. */
function start(faultFor?: FaultFor) {
  let now = Date.parse('2026-01-31T08:00:00Z');
  const aws = secretsStore({
    secrets: { [SecretId]: secret, other: secret },
    yieldPoint: () => setImmediate(),
    ...(faultFor && { faultFor }),
  });
  const clock = () => now;
  const deadline = () => now + 5000;
  const versions = secretVersions(directSecretsClient(aws), clock);
  return {
    aws,
    clock,
    advanceMs(milliseconds: number) {
      now += milliseconds;
    },
    startProcess() {
      const requests = askedByAnybody(versions, clock);
      return { ...requests, askFor: (name = SecretId) => requests.ask(name, deadline()) };
    },
  };
}

test('of fifty processes at once, one asks', async () => {
  const { startProcess } = start();
  const processes = Array.from({ length: 50 }, startProcess);

  const answers = await Promise.all(processes.map(({ askFor }) => askFor()));

  expect(answers.filter(({ kind }) => kind === 'yes')).toHaveLength(1);
  expect(answers.filter(({ kind }) => kind === 'no')).toHaveLength(49);
});

test('of fifty processes at once, one asks again ten minutes later', async () => {
  const { startProcess, advanceMs } = start();
  await startProcess().askFor();
  advanceMs(10 * minute);

  const answers = await Promise.all(Array.from({ length: 50 }, () => startProcess().askFor()));

  expect(answers.filter(({ kind }) => kind === 'yes')).toHaveLength(1);
});

test('of many who share a process, one asks', async () => {
  const { askFor } = start().startProcess();

  const answers = await Promise.all(Array.from({ length: 20 }, () => askFor()));

  expect(answers.filter(({ kind }) => kind === 'yes')).toHaveLength(1);
});

test.for([
  ['just under ten minutes', 10 * minute - 1, no],
  ['ten minutes', 10 * minute, yes],
] as const)('asks after %s: %o', async ([, milliseconds, answer]) => {
  const { startProcess, advanceMs } = start();
  await startProcess().askFor();

  advanceMs(milliseconds);

  expect(await startProcess().askFor()).toEqual(answer);
});

test('asks for every app by itself', async () => {
  const { askFor } = start().startProcess();

  expect([await askFor(), await askFor('other')]).toEqual([yes, yes]);
});

test('notes when it asked in a version that is not the current one, without credentials', async () => {
  const { aws, startProcess, advanceMs, clock } = start();
  const { askFor } = startProcess();
  await askFor();
  advanceMs(10 * minute);
  await askFor();

  const note = await aws.GetSecretValue({ SecretId, VersionStage: askedLabel });
  expect(JSON.parse(note.SecretString ?? '')).toEqual({
    asked_at: clock(),
    asked_by: expect.any(String),
  });
  expect(await aws.GetSecretValue({ SecretId })).toMatchObject({ SecretString: secret });
});

test('who was not heard asks again, alone and without a note', async () => {
  const { aws, startProcess } = start();
  const [first, second] = [startProcess(), startProcess()];
  await first.askFor();

  first.wasNotHeard(SecretId);

  expect(await second.askFor()).toEqual(no);
  expect(await first.askFor('other')).toEqual(yes);
  expect(await first.askFor()).toEqual(yes);
  expect(await first.askFor()).toEqual(no);
  expect(aws.requests.filter(({ input }) => input.SecretId === SecretId)).toMatchObject([
    { operation: 'GetSecretValue' },
    { operation: 'PutSecretValue' },
    { operation: 'GetSecretValue' },
    { operation: 'GetSecretValue' },
  ]);
});

test.for(['RECOGNISABLE', 'null', '{"asked_at":"today"}'])(
  'a note that says %s was written long ago',
  async (SecretString) => {
    const { aws, startProcess } = start();
    await aws.PutSecretValue({
      SecretId,
      SecretString,
      ClientRequestToken: 'n'.repeat(32),
      VersionStages: [askedLabel],
    });

    expect(await startProcess().askFor()).toEqual(yes);
  },
);

test.for([
  ['GetSecretValue', throttled, 'ThrottlingException'],
  ['PutSecretValue', internalError, 'InternalServiceError'],
] as const)(
  'nobody asks while %s fails, and asks once it works',
  async ([failing, fault, name]) => {
    let works = false;
    const { askFor } = start((operation) =>
      operation === failing && !works ? fault : undefined,
    ).startProcess();

    expect(await askFor()).toEqual({
      kind: 'no_answer',
      reason: `it could not be found out when an app_ticket was asked for (${name})`,
      reasonZh: expect.stringContaining(name),
    });
    works = true;
    expect(await askFor()).toEqual(yes);
  },
);

test('nobody asks for an app without a secret', async () => {
  const { askFor } = start().startProcess();

  expect(await askFor('unknown')).toMatchObject({
    kind: 'no_answer',
    reason: expect.stringContaining('ResourceNotFoundException'),
  });
});

test('within one process asks every ten minutes, and again where it was not heard', async () => {
  let now = 0;
  const requests = askedInThisProcess(() => now);
  const askAt = (milliseconds: number, name = SecretId) => {
    now = milliseconds;
    return requests.ask(name, 0);
  };

  expect(await askAt(0)).toEqual(yes);
  expect(await askAt(0, 'other')).toEqual(yes);
  expect(await askAt(10 * minute - 1)).toEqual(no);
  expect(await askAt(10 * minute)).toEqual(yes);
  requests.wasNotHeard(SecretId);
  expect(await askAt(10 * minute, 'other')).toEqual(yes);
  expect(await askAt(10 * minute)).toEqual(yes);
});

test('says what to deploy where nothing may be written', async () => {
  const store = secretsStore({
    secrets: { [SecretId]: secret },
    faultFor: (operation) => (operation === 'PutSecretValue' ? denied : undefined),
  });
  const requests = askedByAnybody(secretVersions(directSecretsClient(store)), Date.now);

  expect(await requests.ask(SecretId, Date.now() + 1000)).toMatchObject({
    kind: 'no_profile',
    reason: expect.stringContaining('deploy with appTickets'),
  });
});

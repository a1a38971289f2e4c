import { expect, test } from 'vitest';
import {
  fingerprint,
  refreshClaims,
  spareVersionId,
} from '../../functions/credentials/refresh-claim.ts';
import { secretVersions } from '../../functions/credentials/secret-versions.ts';
import { directSecretsClient } from '../../infra/local/secrets-manager/client.ts';
import {
  type FaultFor,
  lostAnswer,
  throttled,
} from '../../infra/local/secrets-manager/scripted-faults.ts';
import { secretsStore } from '../../infra/local/secrets-manager/store.ts';

const start = Date.parse('2026-10-01T08:00:00Z');
const minute = 60_000;

function startClaims(faultFor?: FaultFor) {
  let now = start;
  const store = secretsStore({
    secrets: { user: 'x' },
    now: () => now,
    ...(faultFor && { faultFor }),
  });
  const versions = secretVersions(directSecretsClient(store), () => now);
  const claims = refreshClaims(versions, () => now);
  return {
    store,
    advance(milliseconds: number) {
      now += milliseconds;
    },
    claim: (token: string, run: string) =>
      claims.claim('user', token, { run, rotation: `rotation-of-${run}` }, now + minute),
    release: (versionId: string) => claims.release('user', versionId, now + minute),
  };
}

const claimed = { kind: 'claimed', versionId: expect.stringMatching(/^[0-9a-f]{64}$/) };

async function released(claims: ReturnType<typeof startClaims>, token: string, run: string) {
  const claim = await claims.claim(token, run);
  if (claim.kind !== 'claimed') throw new Error(claim.kind);
  await claims.release(claim.versionId);
  return claim.versionId;
}

test('lets one of two who claim a token at the same time have it', async () => {
  const { claim } = startClaims();

  const both = await Promise.all([claim('token', 'a'), claim('token', 'b')]);

  expect(both.map(({ kind }) => kind).sort()).toEqual(['claimed', 'in_use']);
});

test('lets each have a token of their own', async () => {
  const { claim } = startClaims();

  expect(await claim('token', 'a')).toEqual(claimed);
  expect(await claim('other', 'b')).toEqual(claimed);
});

test('notes who claims, for what and when, but not the token, nor as the current version', async () => {
  const { claim, store } = startClaims();

  await claim('token', 'a');

  const request = { SecretId: 'user', VersionStage: 'FEISHU_REFRESH_SENT' };
  const { SecretString = '' } = await store.GetSecretValue(request);
  expect(JSON.parse(SecretString)).toEqual({
    refresh_token: fingerprint('token'),
    claimed_at: start,
    claimed_by: 'a',
    rotation: 'rotation-of-a',
  });
  expect(await store.GetSecretValue({ SecretId: 'user' })).toMatchObject({ SecretString: 'x' });
});

test.for([
  [0, { kind: 'in_use' }],
  [2 * minute - 1, { kind: 'in_use' }],
  [2 * minute, { kind: 'lost', versionId: expect.any(String), rotation: 'rotation-of-a' }],
] as const)('%i ms after somebody else claimed it, a token is %o', async ([later, expected]) => {
  const { claim, advance } = startClaims();
  await claim('token', 'a');
  advance(later);

  expect(await claim('token', 'b')).toEqual(expected);
});

test('a released token can be claimed again, by one', async () => {
  const claims = startClaims();
  const first = await released(claims, 'token', 'a');
  claims.advance(15 * minute);

  const again = await claims.claim('token', 'b');

  expect(again).toEqual(claimed);
  expect(again).not.toEqual({ kind: 'claimed', versionId: first });
  expect(await claims.claim('token', 'c')).toEqual({ kind: 'in_use' });
});

test('a token can be released again and again', async () => {
  const claims = startClaims();
  for (const run of ['a', 'b', 'c', 'd']) {
    await released(claims, 'token', run);
    claims.advance(15 * minute);
  }

  expect(await claims.claim('token', 'e')).toEqual(claimed);
});

test('a released token rests for ten minutes, counted from its claim', async () => {
  const claims = startClaims();
  await released(claims, 'token', 'a');
  claims.advance(10 * minute - 1);
  expect(await claims.claim('token', 'b')).toEqual({ kind: 'too_soon' });

  claims.advance(1);
  expect(await claims.claim('token', 'b')).toEqual(claimed);
});

test('the release of one token says nothing of another', async () => {
  const claims = startClaims();
  await claims.claim('other', 'a');
  await released(claims, 'token', 'b');
  claims.advance(15 * minute);

  expect(await claims.claim('other', 'c')).toMatchObject({ kind: 'lost' });
});

test('a token that was released and claimed again is lost with whoever claimed it', async () => {
  const claims = startClaims();
  await released(claims, 'token', 'a');
  claims.advance(15 * minute);
  await claims.claim('token', 'b');
  claims.advance(15 * minute);

  expect(await claims.claim('token', 'c')).toMatchObject({
    kind: 'lost',
    rotation: 'rotation-of-b',
  });
});

/** All calls of these operations, in order, go wrong as told. */
function faults(script: Record<string, (typeof throttled | undefined)[]>): FaultFor {
  return (operation) => script[operation]?.shift();
}

test.for([
  [
    'the note is lost',
    { PutSecretValue: [throttled] },
    { kind: 'fault', fault: 'ThrottlingException' },
  ],
  ['only the answer is lost', { PutSecretValue: [lostAnswer] }, claimed],
  [
    'nobody can tell',
    { PutSecretValue: [lostAnswer], GetSecretValue: [undefined, throttled] },
    { kind: 'fault', fault: 'ThrottlingException' },
  ],
  [
    'nothing can be read',
    { GetSecretValue: [throttled] },
    { kind: 'fault', fault: 'ThrottlingException' },
  ],
])('answers where %s', async ([, script, expected]) => {
  const { claim } = startClaims(faults(script as never));

  expect(await claim('token', 'a')).toEqual(expected);
});

test('the same claimant may ask again after a fault', async () => {
  const { claim, advance } = startClaims(
    faults({ PutSecretValue: [lostAnswer], GetSecretValue: [undefined, throttled] }),
  );
  await claim('token', 'a');
  advance(500);

  expect(await claim('token', 'a')).toEqual(claimed);
});

test.for(['DescribeSecret', 'UpdateSecretVersionStage'])(
  'tells where a release fails for %s',
  async (operation) => {
    const claims = startClaims(faults({ [operation]: [throttled] }));
    const claim = await claims.claim('token', 'a');

    expect(await claims.release(claim.kind === 'claimed' ? claim.versionId : '')).toEqual({
      kind: 'fault',
      fault: 'ThrottlingException',
    });
  },
);

test('the spare version of a claim is none of its other ids', () => {
  const spare = spareVersionId({ versionId: 'a' });

  expect(spare).toMatch(/^[0-9a-f]{64}$/);
  expect(spareVersionId({ versionId: 'b' })).not.toBe(spare);
});

import { readProfileSecret, type UserSecret } from './profile-secret.ts';
import { fingerprint, refreshClaims } from './refresh-claim.ts';
import type { SecretVersion, SecretVersions } from './secret-versions.ts';

/** A rotation that has to be tried again, or that somebody must look at. The message holds no secret. */
export class RotationError extends Error {
  override readonly name = 'RotationError';
}

export type UserVersion = SecretVersion & { user: UserSecret };

const current = 'AWSCURRENT';
export const pending = 'AWSPENDING';

/**
 * With two versions a renewal, and none sooner after another, a secret gets under one in 10 minutes: AWS
 * keeps up with no more for long. So repeated rotations of the same tokens do no harm either.
 */
const betweenRenewalsMs = 20 * 60_000;

/**
 * Whether it is too soon to renew these tokens again. Those that would end before the next occasion, a
 * quarter of an hour later, are renewed at any time.
 */
export function isJustRenewed(
  { renewedAt, accessTokenExpiresAt }: Pick<UserSecret, 'renewedAt' | 'accessTokenExpiresAt'>,
  nowMs: number,
): boolean {
  if (renewedAt === undefined || accessTokenExpiresAt - nowMs < betweenRenewalsMs) return false;
  return Math.abs(nowMs - renewedAt) < betweenRenewalsMs;
}

/** The versions of a user's secret that a rotation works with. All throw a RotationError. */
export function rotatedVersions(versions: SecretVersions, secretId: string, deadline: number) {
  async function read(which: { stage: string } | { versionId: string }) {
    const version = await versions.read(secretId, which, deadline);
    if (version.kind === 'fault') throw faulty('read', version.fault);
    return version.kind === 'version' ? { ...version, user: userIn(version, secretId) } : undefined;
  }

  return {
    async readCurrent(): Promise<UserVersion> {
      const version = await read({ stage: current });
      if (!version) throw new RotationError('The secret holds nothing.');
      return version;
    },
    read: (versionId: string) => read({ versionId }),
  };
}

/** Whether what a rotation made can be read. Nothing is sent: new tokens are kept, come what may. */
export async function testRotation(
  versions: SecretVersions,
  secretId: string,
  versionId: string,
  deadline: number,
): Promise<void> {
  const made = await rotatedVersions(versions, secretId, deadline).read(versionId);
  if (!made) throw nothingMade();
}

/** Makes the new version the current one, unless somebody has stored other tokens meanwhile. */
export async function finishRotation(
  versions: SecretVersions,
  secretId: string,
  versionId: string,
  deadline: number,
): Promise<void> {
  const { readCurrent, read } = rotatedVersions(versions, secretId, deadline);
  const before = await readCurrent();
  if (before.versionId === versionId) return;
  const made = await read(versionId);
  if (!made) throw nothingMade();
  const change = isRenewalOf(made, before)
    ? { stage: current, from: before.versionId, to: versionId }
    : { stage: pending, from: versionId };
  await move(versions, secretId, change, deadline);
}

/**
 * Ends what a rotation that broke off has left: its tokens become current if they follow from those that
 * are, and an empty or outdated version is put out of the way of the next rotation. The empty version of
 * one that is at work is left to it.
 */
export async function recoverRotation(
  versions: SecretVersions,
  secretId: string,
  deadline: number,
  now: () => number,
): Promise<'none left' | 'at work'> {
  const stages = await versions.stages(secretId, deadline);
  if (stages.kind === 'fault') throw faulty('read', stages.fault);
  const { holders } = stages;
  const left = holders.get(pending);
  if (left === undefined || left === holders.get(current)) return 'none left';
  const { read } = rotatedVersions(versions, secretId, deadline);
  if (await read(left)) {
    await finishRotation(versions, secretId, left, deadline);
    return 'none left';
  }
  const isAtWork = await refreshClaims(versions, now).isAtWork(secretId, holders, deadline);
  if (isAtWork.kind === 'fault') throw faulty('read', isAtWork.fault);
  if (isAtWork.kind === 'yes') return 'at work';
  await move(versions, secretId, { stage: pending, from: left }, deadline);
  return 'none left';
}

/** Done also where somebody else has done it, or where the answer was lost. */
async function move(
  versions: SecretVersions,
  secretId: string,
  { stage, from, to }: { stage: string; from: string; to?: string },
  deadline: number,
): Promise<void> {
  const moved = await versions.moveStage(secretId, stage, { from, to }, deadline);
  if (moved.kind !== 'fault') return;
  const stages = await versions.stages(secretId, deadline);
  const holder = stages.kind === 'stages' ? stages.holders.get(stage) : from;
  const isDone = to === undefined ? holder !== from : holder === to;
  if (!isDone) throw faulty('move the labels of', moved.fault);
}

export function isRenewalOf(made: UserVersion, before: UserVersion): boolean {
  const { refreshToken } = before.user;
  return refreshToken !== undefined && made.user.renewedFrom === fingerprint(refreshToken);
}

export function faulty(what: string, fault: string): RotationError {
  return new RotationError(`It was not possible to ${what} the secret (${fault}).`);
}

function nothingMade(): RotationError {
  return new RotationError('The rotation has made no new version.');
}

function userIn({ text }: SecretVersion, secretId: string): UserSecret {
  const read = readProfileSecret(text, secretId);
  if (read.kind !== 'read') throw new RotationError(`It cannot be rotated: ${read.reason}.`);
  if (read.value.kind !== 'user') {
    throw new RotationError(
      `Only a user's tokens are rotated, not those of kind ${read.value.kind}.`,
    );
  }
  return read.value;
}

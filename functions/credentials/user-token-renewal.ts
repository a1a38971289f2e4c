import { randomUUID } from 'node:crypto';
import type { NoAnswer, RefusalAnswer } from '../core/answer.ts';
import { meaningOfRefreshRefusal } from '../core/refresh-refusal.ts';
import { meaningOfRefusal } from '../core/refusal.ts';
import type { RenewedUserToken } from '../feishu/answers.ts';
import { type BaseUrls, isAllowed } from '../feishu/base-url.ts';
import { renewedUserSecret, type UserSecret } from './profile-secret.ts';
import { fingerprint, refreshClaims, spareVersionId } from './refresh-claim.ts';
import type { SecretVersions } from './secret-versions.ts';
import {
  faulty,
  isJustRenewed,
  isRenewalOf,
  pending,
  RotationError,
  rotatedVersions,
} from './user-token-rotation.ts';

type RefreshableUser = UserSecret & { baseUrl: string; refreshToken: string };

/** Uses the refresh token up, once, before the deadline (milliseconds). */
export type Refresh = (
  user: RefreshableUser,
  deadline: number,
) => Promise<RenewedUserToken | RefusalAnswer | NoAnswer>;

export type RenewalDependencies = BaseUrls & {
  versions: SecretVersions;
  refresh: Refresh;
  /** Milliseconds. */
  now: () => number;
  sleep: (milliseconds: number) => Promise<unknown>;
};

/** Times in a row that Feishu is asked where it says to try again, and the milliseconds between. */
const attempts = 3;
const msBetween = 4000;

/** What is known of a refresh token may be had only once: to write it down is tried as often. */
const writes = 5;
/** What that takes, with the waits between, where Secrets Manager lets each write wait for 6 seconds. */
const writingMs = 35_000;

/**
 * Makes a user's refresh token a version of the secret with new tokens, for one rotation (`versionId`):
 * or with the reason why there are none and only a person can get them. Throws a RotationError where it
 * must be tried again, or be mended first.
 */
export function userTokenRenewal(dependencies: RenewalDependencies) {
  const { versions, refresh, now, sleep } = dependencies;
  const claims = refreshClaims(versions, now);

  return async (secretId: string, versionId: string, deadline: number): Promise<void> => {
    const secret = rotatedVersions(versions, secretId, deadline);
    // a step may be repeated, and this rotation has made its version
    if (await secret.read(versionId)) return;
    const before = await secret.readCurrent();
    const user = refreshable(before.user);
    if (isJustRenewed(user, now())) {
      throw new RotationError('It is too soon: the tokens were renewed less than 20 minutes ago.');
    }
    const renewal = { renewedFrom: fingerprint(user.refreshToken) };

    const claimant = { run: randomUUID(), rotation: versionId };
    const claim = await insist(() => claims.claim(secretId, user.refreshToken, claimant, deadline));
    if (claim.kind === 'fault') throw faulty('note the renewal in', claim.fault);
    if (claim.kind === 'in_use') throw new RotationError('The token is being renewed elsewhere.');
    if (claim.kind === 'too_soon') {
      throw new RotationError('Feishu was asked a short while ago, and is asked again later.');
    }
    if (claim.kind === 'lost') {
      // whatever has become of that version's labels, its tokens are the newest
      for (const id of [claim.rotation, spareVersionId(claim)]) {
        const left = await secret.read(id);
        if (left && isRenewalOf(left, before)) return store(left.text);
      }
      return giveUp('the answer to its last renewal was lost');
    }

    const answer = await refreshPatiently(user, deadline - writingMs);
    if (answer.kind === 'renewed') {
      return store(renewedUserSecret(before.text, tokensOf(answer)), spareVersionId(claim));
    }
    switch (meaningOfFailure(answer)) {
      case 'unspent':
      case 'settings':
        await insist(() => claims.release(secretId, claim.versionId, deadline));
        throw new RotationError(`The tokens were not renewed: ${describe(answer)}.`);
      case 'lost':
        return giveUp(`the answer to its renewal was lost: ${describe(answer)}`);
      case 'authorise_again': {
        // somebody may have stored newer tokens meanwhile, and then these are of no interest
        const latest = await secret.readCurrent();
        if (latest.user.refreshToken !== user.refreshToken) {
          throw new RotationError('The secret was changed while its tokens were renewed.');
        }
        return giveUp(describe(answer));
      }
    }

    function tokensOf(renewed: RenewedUserToken) {
      const { accessToken, lifeSeconds, refreshToken, refreshLifeSeconds } = renewed;
      return {
        ...renewal,
        renewedAt: now(),
        accessToken,
        accessTokenExpiresAt: now() + lifeSeconds * 1000,
        refreshToken,
        refreshTokenExpiresAt:
          refreshLifeSeconds === undefined ? undefined : now() + refreshLifeSeconds * 1000,
      };
    }

    /** The old access token stays as long as it lasts; the refresh token is never sent again. */
    function giveUp(why: string): Promise<void> {
      const changes = { ...renewal, renewedAt: now(), authoriseAgain: why };
      return store(renewedUserSecret(before.text, changes));
    }

    /** To the spare one where a repeated step has made this version meanwhile, of other tokens. */
    async function store(text: string, spareId?: string): Promise<void> {
      const version = { versionId, text, stages: [pending] };
      const created = await insist(() => versions.create(secretId, version, deadline));
      if (created.kind === 'fault') throw faulty('write to', created.fault);
      if (created.kind === 'created' || spareId === undefined) return;
      const spare = { ...version, versionId: spareId };
      const kept = await insist(() => versions.create(secretId, spare, deadline));
      if (kept.kind === 'fault') throw faulty('write to', kept.fault);
    }
  };

  async function insist<Written extends { kind: string }>(
    write: () => Promise<Written>,
  ): Promise<Written> {
    for (let times = 1; ; times++) {
      const written = await write();
      if (written.kind !== 'fault' || times === writes) return written;
      await sleep(times * 500);
    }
  }

  function refreshable(user: UserSecret): RefreshableUser {
    const { refreshToken, baseUrl = dependencies.baseUrl } = user;
    if (refreshToken === undefined) {
      throw new RotationError('The secret holds no refresh token: the user must authorise again.');
    }
    if (!isAllowed(baseUrl, dependencies)) {
      throw new RotationError('The base_url of the secret is not among those allowed at deploy.');
    }
    return { ...user, refreshToken, baseUrl };
  }

  async function refreshPatiently(user: RefreshableUser, deadline: number): ReturnType<Refresh> {
    for (let attempt = 1; ; attempt++) {
      const answer = await refresh(user, deadline);
      if (answer.kind === 'renewed' || meaningOfFailure(answer) !== 'unspent') return answer;
      if (attempt === attempts || now() + 2 * msBetween > deadline) return answer;
      await sleep(msBetween);
    }
  }
}

function meaningOfFailure(answer: RefusalAnswer | NoAnswer) {
  if (answer.kind === 'refusal') return meaningOfRefreshRefusal(answer);
  return answer.unsent ? 'unspent' : 'lost';
}

function describe(answer: RefusalAnswer | NoAnswer): string {
  if (answer.kind === 'no_answer') return answer.reason;
  const { code, httpStatus } = answer;
  const { en } = meaningOfRefusal(answer).meaning;
  return code === undefined ? `HTTP status ${httpStatus}` : `code ${code}, ${en}`;
}

import { createHash } from 'node:crypto';
import { parseJson } from '../core/json.ts';
import type { SecretVersions } from './secret-versions.ts';

// A refresh token is single use, and whoever uses it may die before the answer is stored. So its use is
// noted before it is sent, as a version of the user's secret whose id follows from the token: of all who
// want to write it, each with a text of its own, Secrets Manager lets one. The note is never taken back
// but where Feishu said that the token was not used; then the next note follows from this one.

/** On the last note, which AWS would delete without a label. */
export const sentLabel = 'FEISHU_REFRESH_SENT';
/** On the last note of a token that was sent and not used. */
export const unspentLabel = 'FEISHU_REFRESH_UNSPENT';

/** Longer than any run of the rotation function: whoever wrote an older note is not at work any more. */
const longestRunMs = 2 * 60_000;

/** Secrets Manager repeats what failed at times of its own, and allows a new version each 10 minutes. */
const betweenNotesMs = 10 * 60_000;

export type RefreshClaim =
  | { kind: 'claimed'; versionId: string }
  /** Somebody is at work with this token. */
  | { kind: 'in_use' }
  /** Feishu has just said to try again later. */
  | { kind: 'too_soon' }
  /** Somebody was at work. What came of it is in the version of their rotation, or nobody knows it. */
  | { kind: 'lost'; versionId: string; rotation: string }
  | { kind: 'fault'; fault: string };

/** Who claims: one run of the rotation function, for one rotation. */
export type Claimant = { run: string; rotation: string };

/** The id of a version for what came of a claim where the rotation's own is taken. */
export function spareVersionId(claim: { versionId: string }): string {
  return createHash('sha256').update(`${claim.versionId} spare`).digest('hex');
}

/** Tells refresh tokens apart without giving any away. */
export function fingerprint(refreshToken: string): string {
  return createHash('sha256').update(refreshToken).digest('hex');
}

export function refreshClaims(versions: SecretVersions, now: () => number) {
  return {
    /**
     * Whether it falls to the claimant, and to nobody else, to send this refresh token. After a fault the
     * same claimant may ask once more.
     */
    async claim(
      secretId: string,
      refreshToken: string,
      { run, rotation }: Claimant,
      deadline: number,
    ): Promise<RefreshClaim> {
      const token = fingerprint(refreshToken);
      const unspent = await versions.read(secretId, { stage: unspentLabel }, deadline);
      if (unspent.kind === 'fault') return unspent;
      const last = unspent.kind === 'version' ? noteIn(unspent.text) : {};
      const isRepeat = unspent.kind === 'version' && last.refresh_token === token;
      if (isRepeat && now() - Number(last.claimed_at) < betweenNotesMs) return { kind: 'too_soon' };
      const versionId = createHash('sha256')
        .update(`${token} ${isRepeat ? unspent.versionId : 'first'}`)
        .digest('hex');

      const text = JSON.stringify({
        refresh_token: token,
        claimed_at: now(),
        claimed_by: run,
        rotation,
      });
      const version = { versionId, text, stages: [sentLabel] };
      const created = await versions.create(secretId, version, deadline);
      if (created.kind === 'created') return { kind: 'claimed', versionId };

      // after a fault it may be there all the same, and ours
      const note = await versions.read(secretId, { versionId }, deadline);
      if (note.kind === 'fault') return note;
      if (note.kind === 'none') return created.kind === 'fault' ? created : { kind: 'in_use' };
      const { claimed_at: claimedAt, claimed_by: claimedBy, rotation: theirs } = noteIn(note.text);
      if (claimedBy === run) return { kind: 'claimed', versionId };
      if (now() - Number(claimedAt) < longestRunMs) return { kind: 'in_use' };
      return { kind: 'lost', versionId, rotation: String(theirs) };
    },

    /** Whether whoever wrote the last note may still be at work. */
    async isAtWork(
      secretId: string,
      holders: ReadonlyMap<string, string>,
      deadline: number,
    ): Promise<{ kind: 'yes' } | { kind: 'no' } | { kind: 'fault'; fault: string }> {
      const versionId = holders.get(sentLabel);
      const isReleased = versionId === holders.get(unspentLabel);
      if (versionId === undefined || isReleased) return { kind: 'no' };
      const note = await versions.read(secretId, { versionId }, deadline);
      if (note.kind === 'fault') return note;
      const claimedAt = note.kind === 'version' ? Number(noteIn(note.text).claimed_at) : 0;
      return { kind: now() - claimedAt < longestRunMs ? 'yes' : 'no' };
    },

    /** Feishu has not used the token: it may be sent again. After a fault this may be asked once more. */
    async release(secretId: string, versionId: string, deadline: number) {
      const stages = await versions.stages(secretId, deadline);
      if (stages.kind === 'fault') return stages;
      const from = stages.holders.get(unspentLabel);
      return versions.moveStage(secretId, unspentLabel, { from, to: versionId }, deadline);
    },
  };
}

function noteIn(text: string): Record<string, unknown> {
  return Object(parseJson(text));
}

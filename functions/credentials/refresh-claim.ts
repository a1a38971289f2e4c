import { createHash, randomUUID } from 'node:crypto';
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

export type RefreshClaim =
  | { kind: 'claimed'; versionId: string }
  /** Somebody is at work with this token. */
  | { kind: 'in_use' }
  /** Somebody was, and nobody knows what came of it. */
  | { kind: 'lost' }
  | { kind: 'fault'; fault: string };

/** Tells refresh tokens apart without giving any away. */
export function fingerprint(refreshToken: string): string {
  return createHash('sha256').update(refreshToken).digest('hex');
}

export function refreshClaims(versions: SecretVersions, now: () => number) {
  return {
    /** Whether it falls to the caller, and to nobody else, to send this refresh token. */
    async claim(secretId: string, refreshToken: string, deadline: number): Promise<RefreshClaim> {
      const token = fingerprint(refreshToken);
      const unspent = await versions.read(secretId, { stage: unspentLabel }, deadline);
      if (unspent.kind === 'fault') return unspent;
      const isOfThisToken =
        unspent.kind === 'version' && noteIn(unspent.text).refresh_token === token;
      const versionId = createHash('sha256')
        .update(`${token} ${isOfThisToken ? unspent.versionId : 'first'}`)
        .digest('hex');

      const claimedBy = randomUUID();
      const text = JSON.stringify({
        refresh_token: token,
        claimed_at: now(),
        claimed_by: claimedBy,
      });
      const version = { versionId, text, stages: [sentLabel] };
      const created = await versions.create(secretId, version, deadline);
      if (created.kind === 'created') return { kind: 'claimed', versionId };

      // after a fault it may be there all the same, and ours
      const note = await versions.read(secretId, { versionId }, deadline);
      if (note.kind === 'fault') return note;
      if (note.kind === 'none') return created.kind === 'fault' ? created : { kind: 'in_use' };
      const { claimed_at: claimedAt, claimed_by: by } = noteIn(note.text);
      if (by === claimedBy) return { kind: 'claimed', versionId };
      return { kind: now() - Number(claimedAt) < longestRunMs ? 'in_use' : 'lost' };
    },

    /** Feishu has not used the token: it may be sent again. */
    async release(secretId: string, versionId: string, deadline: number): Promise<void> {
      const holders = await versions.stages(secretId, deadline);
      if (holders.kind === 'fault') return;
      await versions.moveStage(
        secretId,
        unspentLabel,
        { from: holders.holders.get(unspentLabel), to: versionId },
        deadline,
      );
    },
  };
}

function noteIn(text: string): Record<string, unknown> {
  return Object(parseJson(text));
}

import type { NoAnswer, NoProfile } from '../core/answer.ts';
import { parseJson } from '../core/json.ts';
import type { SecretVersions } from './secret-versions.ts';

/**
 * Feishu pushes a ticket every hour by itself; to have it pushed between, it is asked no more often than
 * this. (Secrets Manager wants no more versions of a secret either, and each request is noted as one.)
 */
const askEveryMs = 10 * 60_000;

/** Marks the version of an app's secret that says when Feishu was asked last. It holds no credentials. */
export const askedLabel = 'FEISHU_APP_TICKET_ASKED';

export type MayAskForAppTicket = {
  /** Whether it falls to this caller to ask Feishu for the ticket of the app with this secret. */
  ask(
    secretName: string,
    deadline: number,
  ): Promise<{ kind: 'yes' } | { kind: 'no' } | NoAnswer | NoProfile>;
  /** Feishu could not be asked: this caller may try again. */
  wasNotHeard(secretName: string): void;
};

/** For callers in one process. */
export function askedInThisProcess(now: () => number): MayAskForAppTicket {
  const lastAsked = new Map<string, number>();
  return {
    async ask(secretName) {
      const last = lastAsked.get(secretName);
      if (last !== undefined && now() - last < askEveryMs) return { kind: 'no' };
      lastAsked.set(secretName, now());
      return { kind: 'yes' };
    },
    wasNotHeard: (secretName) => void lastAsked.delete(secretName),
  };
}

/**
 * For callers anywhere, who know of each other through the app's secret alone. Each request is noted as
 * a version of it whose id follows from the note before: of all who want to write the next note with a
 * text of their own, Secrets Manager lets one.
 */
export function askedByAnybody(versions: SecretVersions, now: () => number): MayAskForAppTicket {
  const unheard = new Set<string>();
  return {
    async ask(secretName, deadline) {
      if (unheard.delete(secretName)) return { kind: 'yes' };
      const before = await versions.read(secretName, { stage: askedLabel }, deadline);
      if (before.kind === 'fault') return noAnswer(before.fault);
      if (before.kind === 'version' && now() - askedAt(before.text) < askEveryMs) {
        return { kind: 'no' };
      }
      // loaded only here: few queries come to this, and all would wait for it at a start
      const { createHash, randomUUID } = await import('node:crypto');
      const lastId = before.kind === 'version' ? before.versionId : '';
      const written = await versions.create(
        secretName,
        {
          versionId: createHash('sha256').update(`${secretName} ${lastId}`).digest('hex'),
          text: JSON.stringify({ asked_at: now(), asked_by: randomUUID() }),
          stages: [askedLabel],
        },
        deadline,
      );
      if (written.kind === 'fault') {
        return written.fault === 'AccessDeniedException'
          ? mayNotWrite(secretName)
          : noAnswer(written.fault);
      }
      return { kind: written.kind === 'created' ? 'yes' : 'no' };
    },
    wasNotHeard: (secretName) => void unheard.add(secretName),
  };
}

/** Milliseconds; long ago where the note says nothing readable. */
function askedAt(note: string): number {
  const { asked_at: milliseconds } = Object(parseJson(note));
  return typeof milliseconds === 'number' ? milliseconds : 0;
}

function mayNotWrite(secretName: string): NoProfile {
  return {
    kind: 'no_profile',
    reason: `the query function may not note in the secret ${secretName} that it asks for an app_ticket; deploy with appTickets`,
    reasonZh: `查询函数无权在密钥 ${secretName} 中记录 app_ticket 请求；请使用 appTickets 参数部署`,
  };
}

function noAnswer(fault: string): NoAnswer {
  return {
    kind: 'no_answer',
    reason: `it could not be found out when an app_ticket was asked for (${fault})`,
    reasonZh: `无法确认上次请求推送 app_ticket 的时间（${fault}）`,
  };
}

import type { NoAnswer, NoProfile, RefusalAnswer } from '../core/answer.ts';
import type { IssuedToken } from './answers.ts';

export type TokenAnswer = IssuedToken | RefusalAnswer | NoAnswer | NoProfile;

/** Feishu renews a token once less than this of its life is left; until then it hands out the same one. */
const renewalSeconds = 30 * 60;

export type TokenProvider = {
  /** The token at hand, or a new one; one request is in flight for all who wait for it. */
  token(deadline: number): Promise<TokenAnswer>;
  /** Forgets a token that Feishu refused, unless it was replaced meanwhile. */
  evict(token: string): void;
};

export function tokenProvider({
  issue,
  now,
}: {
  issue: (deadline: number) => Promise<TokenAnswer>;
  now: () => number;
}): TokenProvider {
  let cached: { issued: IssuedToken; until: number } | undefined;
  let inFlight: Promise<TokenAnswer> | undefined;

  async function renew(deadline: number): Promise<TokenAnswer> {
    const asked = now();
    try {
      const answer = await issue(deadline);
      if (answer.kind === 'token') {
        cached = { issued: answer, until: asked + (answer.lifeSeconds - renewalSeconds) * 1000 };
      }
      return answer;
    } finally {
      inFlight = undefined;
    }
  }

  return {
    async token(deadline) {
      if (cached && now() < cached.until) return cached.issued;
      inFlight ??= renew(deadline);
      return inFlight;
    },
    evict(token) {
      if (cached?.issued.token === token) cached = undefined;
    },
  };
}

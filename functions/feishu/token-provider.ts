import type {
  AuthorisationExpired,
  NoAnswer,
  NoAppTicket,
  NoProfile,
  RefusalAnswer,
} from '../core/answer.ts';
import type { IssuedToken } from './answers.ts';

/** Why there is no token. */
export type NoToken = RefusalAnswer | NoAnswer | NoProfile | NoAppTicket | AuthorisationExpired;

/** Feishu renews a token once less than this of its life is left; until then it hands out the same one. */
const renewalSeconds = 30 * 60;

export type TokenProvider<Token extends IssuedToken = IssuedToken> = {
  /** The token at hand, or a new one; one request is in flight for all who wait for it. */
  token(deadline: number): Promise<Token | NoToken>;
  /** Forgets a token that Feishu refused, unless it was renewed meanwhile: also where Feishu gave the same one again. */
  evict(token: Token): void;
};

export function tokenProvider<Token extends IssuedToken>({
  issue,
  now,
  onEvict,
}: {
  issue: (deadline: number) => Promise<Token | NoToken>;
  now: () => number;
  /** Whatever else must be looked up again. */
  onEvict?: (token: Token) => void;
}): TokenProvider<Token> {
  let cached: { issued: Token; until: number } | undefined;
  let inFlight: Promise<Token | NoToken> | undefined;

  async function renew(deadline: number): Promise<Token | NoToken> {
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
      if (cached?.issued !== token) return;
      cached = undefined;
      onEvict?.(token);
    },
  };
}

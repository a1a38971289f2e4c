import { randomUUID } from 'node:crypto';

const renewBelowSeconds = 30 * 60;

/**
 * Hands out app or tenant tokens by Feishu's rule: an owner gets the same one while at least 30
 * minutes of it are left.
 */
export function createTokens(now: () => number, prefix: 'a-' | 't-') {
  const tokens = new Map<string, { owner: string; expiresAt: number }>();
  const newestTokens = new Map<string, string>();

  const secondsLeft = (token: string) => ((tokens.get(token)?.expiresAt ?? 0) - now()) / 1000;

  function issue(owner: string, lifeSeconds: number) {
    const newest = newestTokens.get(owner);
    if (newest !== undefined && secondsLeft(newest) >= renewBelowSeconds) {
      return { token: newest, expire: Math.floor(secondsLeft(newest)), isNew: false };
    }

    for (const token of tokens.keys()) if (secondsLeft(token) <= 0) tokens.delete(token);
    const token = `${prefix}${randomUUID().replaceAll('-', '')}`;
    tokens.set(token, { owner, expiresAt: now() + lifeSeconds * 1000 });
    newestTokens.set(owner, token);
    return { token, expire: lifeSeconds, isNew: true };
  }

  return {
    issue,
    /** Whom a valid token belongs to. */
    ownerOf: (token: string) => (secondsLeft(token) > 0 ? tokens.get(token)?.owner : undefined),
    expireAll: () => tokens.clear(),
  };
}

export type Tokens = ReturnType<typeof createTokens>;

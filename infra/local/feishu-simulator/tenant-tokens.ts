import { randomUUID } from 'node:crypto';

const renewBelowSeconds = 30 * 60;

/** Hands out tenant tokens by Feishu's rule: the same one while at least 30 minutes of it are left. */
export function createTenantTokens(now: () => number, lifeSeconds: number) {
  const tokens = new Map<string, { appId: string; expiresAt: number }>();
  const newestTokens = new Map<string, string>();

  const secondsLeft = (token: string) => ((tokens.get(token)?.expiresAt ?? 0) - now()) / 1000;

  function issue(appId: string): { token: string; expire: number; isNew: boolean } {
    const newest = newestTokens.get(appId);
    if (newest !== undefined && secondsLeft(newest) >= renewBelowSeconds) {
      return { token: newest, expire: Math.floor(secondsLeft(newest)), isNew: false };
    }

    for (const token of tokens.keys()) if (secondsLeft(token) <= 0) tokens.delete(token);
    const token = `t-${randomUUID().replaceAll('-', '')}`;
    tokens.set(token, { appId, expiresAt: now() + lifeSeconds * 1000 });
    newestTokens.set(appId, token);
    return { token, expire: lifeSeconds, isNew: true };
  }

  return {
    issue,
    /** The app that a valid token belongs to. */
    appOf: (token: string) => (secondsLeft(token) > 0 ? tokens.get(token)?.appId : undefined),
    expireAll: () => tokens.clear(),
  };
}

import { randomBytes } from 'node:crypto';

/** The token endpoints for users: v3 renews the tokens of both, v2 only its own. */
export type Generation = 'v2' | 'v3';

export type Consent = { appId: string; name: string; openId: string; scope: string };

/** Times in milliseconds. */
export type UserTokenPair = {
  accessToken: string;
  accessTokenExpiresAt: number;
  refreshToken: string;
  refreshTokenExpiresAt: number;
};

export type UserTokenLives = { accessSeconds: number; refreshSeconds: number };

type Given = { consent: Consent; consentedAt: number; generation: Generation };
type AccessToken = Given & { expiresAt: number };
type RefreshToken = Given & { expiresAt: number; state: 'unused' | 'used' | 'revoked' };

const consentDays = 365;

/** Keeps what users allowed: access tokens that live to their end, refresh tokens for one use. */
export function createUserTokens(
  now: () => number,
  { accessSeconds, refreshSeconds }: UserTokenLives,
  onIssue: (token: string) => void,
) {
  const accessTokens = new Map<string, AccessToken>();
  const refreshTokens = new Map<string, RefreshToken>();

  function issue(given: Given): UserTokenPair {
    const [accessToken, refreshToken] = [newToken(), newToken()];
    const accessTokenExpiresAt = now() + accessSeconds * 1000;
    const refreshTokenExpiresAt = now() + refreshSeconds * 1000;
    accessTokens.set(accessToken, { ...given, expiresAt: accessTokenExpiresAt });
    const unused = { ...given, expiresAt: refreshTokenExpiresAt, state: 'unused' } as const;
    refreshTokens.set(refreshToken, unused);
    onIssue(accessToken);
    onIssue(refreshToken);
    return { accessToken, accessTokenExpiresAt, refreshToken, refreshTokenExpiresAt };
  }

  function refusalOf(token: RefreshToken, appId: string, generation: Generation) {
    if (generation === 'v2' && token.generation === 'v3') return 20026;
    if (token.consent.appId !== appId) return 20024;
    if (token.state === 'used') return 20073;
    if (token.state === 'revoked') return 20064;
    const consentEndsAt = token.consentedAt + consentDays * 24 * 3600 * 1000;
    return now() >= Math.min(token.expiresAt, consentEndsAt) ? 20037 : undefined;
  }

  /** A new pair for an old refresh token, or the code that refuses it. */
  function renew(refreshToken: string, appId: string, generation: Generation) {
    const token = refreshTokens.get(refreshToken);
    if (!token) return { refusal: 20026 };
    const refusal = refusalOf(token, appId, generation);
    if (refusal) return { refusal };
    token.state = 'used';
    const { consent, consentedAt } = token;
    return { ...issue({ consent, consentedAt, generation }), scope: consent.scope };
  }

  return {
    authorise: (consent: Consent, generation: Generation): UserTokenPair =>
      issue({ consent, consentedAt: now(), generation }),
    renew,
    isUsed: (refreshToken: string) => refreshTokens.get(refreshToken)?.state === 'used',
    /** What an access token stands for, valid or not. */
    find(accessToken: string): { consent: Consent; isExpired: boolean } | undefined {
      const token = accessTokens.get(accessToken);
      return token && { consent: token.consent, isExpired: now() >= token.expiresAt };
    },
    expireAccessTokens(): void {
      for (const token of accessTokens.values()) token.expiresAt = now();
    },
    revokeRefreshTokens(): void {
      for (const token of refreshTokens.values()) {
        if (token.state === 'unused') token.state = 'revoked';
      }
    },
  };
}

export type UserTokens = ReturnType<typeof createUserTokens>;

// a JWT in looks and length (1 to 2 KB), so that whoever stores it must have room for it
const newToken = () => `eyJhbGciOiJFUzI1NiIs${randomBytes(900).toString('base64url')}`;

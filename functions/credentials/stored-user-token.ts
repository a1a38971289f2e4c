import type { AuthorisationExpired, NoAnswer } from '../core/answer.ts';
import type { IssuedToken } from '../feishu/answers.ts';
import type { UserSecret } from './profile-secret.ts';

/**
 * A user's token as it is stored; it is renewed elsewhere. Once it has ended it is awaited, as long as it
 * can still be renewed without a person.
 */
export function storedUserToken(
  secret: UserSecret,
  nowMs: number,
): IssuedToken | NoAnswer | AuthorisationExpired {
  const { accessToken: token, accessTokenExpiresAt, refreshTokenExpiresAt } = secret;
  const lifeSeconds = (accessTokenExpiresAt - nowMs) / 1000;
  if (lifeSeconds > 0) return { kind: 'token', token, lifeSeconds };

  if (secret.refreshToken === undefined) {
    return secret.authoriseAgain === undefined
      ? {
          kind: 'authorisation_expired',
          reason:
            "the user's access token has ended, and there is no refresh token to renew it with",
          reasonZh: '用户的 access token 已过期，且没有可用于续期的 refresh token',
        }
      : {
          kind: 'authorisation_expired',
          reason: `the user's access token has ended, and it could not be renewed (${secret.authoriseAgain})`,
          reasonZh: `用户的 access token 已过期，且无法续期（${secret.authoriseAgain}）`,
        };
  }
  if (refreshTokenExpiresAt !== undefined && refreshTokenExpiresAt <= nowMs) {
    return {
      kind: 'authorisation_expired',
      reason: "the user's access token and refresh token have both ended",
      reasonZh: '用户的 access token 和 refresh token 均已过期',
    };
  }
  return {
    kind: 'no_answer',
    reason: "the user's access token has ended and has not been renewed yet",
    reasonZh: '用户的 access token 已过期，尚未完成续期',
  };
}

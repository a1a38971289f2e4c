import { expect, test } from 'vitest';
import type { UserSecret } from '../../functions/credentials/profile-secret.ts';
import { storedUserToken } from '../../functions/credentials/stored-user-token.ts';

const now = Date.parse('2026-10-01T08:00:00Z');
const minute = 60_000;

const stored: UserSecret = {
  kind: 'user',
  appId: 'cli_1',
  appSecret: 'secret-app',
  accessToken: 'secret-access',
  accessTokenExpiresAt: now + 90 * minute,
  refreshToken: 'secret-refresh',
  refreshTokenExpiresAt: now + 9000 * minute,
  renewedAt: undefined,
  renewedFrom: undefined,
  authoriseAgain: undefined,
  baseUrl: undefined,
};
const ended = { ...stored, accessTokenExpiresAt: now };

test('gives the token that is stored, with what is left of its life', () => {
  expect(storedUserToken(stored, now)).toEqual({
    kind: 'token',
    token: 'secret-access',
    lifeSeconds: 5400,
  });
});

test.for([
  ['needs a person', { authoriseAgain: 'code 20073', refreshToken: undefined }],
  ['has no refresh token', { refreshToken: undefined }],
  ['has an ended refresh token', { refreshTokenExpiresAt: now - 1 }],
])('gives a token to its end where the secret %s', ([, changes]) => {
  const secret = { ...stored, ...(changes as Partial<UserSecret>), accessTokenExpiresAt: now + 1 };

  expect(storedUserToken(secret, now)).toMatchObject({ kind: 'token', lifeSeconds: 0.001 });
});

test.for([
  [
    'could not be renewed',
    { authoriseAgain: 'code 20073', refreshToken: undefined },
    "the user's access token has ended, and it could not be renewed (code 20073)",
    '用户的 access token 已过期，且无法续期（code 20073）',
  ],
  [
    'has no refresh token',
    { refreshToken: undefined },
    "the user's access token has ended, and there is no refresh token to renew it with",
    '用户的 access token 已过期，且没有可用于续期的 refresh token',
  ],
  [
    'has an ended refresh token',
    { refreshTokenExpiresAt: now },
    "the user's access token and refresh token have both ended",
    '用户的 access token 和 refresh token 均已过期',
  ],
] as [string, Partial<UserSecret>, string, string][])(
  'asks for a person where the token has ended and %s',
  ([, changes, reason, reasonZh]) => {
    expect(storedUserToken({ ...ended, ...changes }, now)).toEqual({
      kind: 'authorisation_expired',
      reason,
      reasonZh,
    });
  },
);

test.for([
  ['its refresh token lives', {}],
  ['nobody knows how long its refresh token lives', { refreshTokenExpiresAt: undefined }],
  ['an old reason is left beside a new refresh token', { authoriseAgain: 'code 20073' }],
] as [string, Partial<UserSecret>][])(
  'awaits the renewal of an ended token while %s',
  ([, changes]) => {
    expect(storedUserToken({ ...ended, ...changes }, now)).toEqual({
      kind: 'no_answer',
      reason: "the user's access token has ended and has not been renewed yet",
      reasonZh: '用户的 access token 已过期，尚未完成续期',
    });
  },
);

import type { NoAnswer, RefusalAnswer } from '../core/answer.ts';
import { type RenewedUserToken, readUserTokenAnswer } from './answers.ts';
import type { FeishuConnection } from './connection.ts';
import { keepText } from './kept-text.ts';
import type { AppCredentials } from './tenant-tokens.ts';

/** The two generations of the endpoint for users' tokens; v3 takes refresh tokens of both, v2 only its own. */
export type UserTokenApi = 'v2' | 'v3';

/**
 * Uses a refresh token up for new tokens. It is sent once, over a connection of its own, and never
 * again by itself: a `no_answer` says with `unsent` that nothing of it can have reached Feishu.
 *
 * @see https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/authentication-management/access-token/refresh-user-access-token
 */
export async function refreshUserToken(
  { send, now }: FeishuConnection,
  {
    url,
    appId,
    appSecret,
    refreshToken,
    deadline,
  }: AppCredentials & { url: string; refreshToken: string; deadline: number },
): Promise<RenewedUserToken | RefusalAnswer | NoAnswer> {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: appId,
    client_secret: appSecret,
    refresh_token: refreshToken,
  });
  const isJson = url.endsWith('/authen/v2/oauth/token');
  const http = await send({
    method: 'POST',
    url,
    headers: {
      'content-type': isJson
        ? 'application/json; charset=utf-8'
        : 'application/x-www-form-urlencoded',
    },
    body: isJson ? JSON.stringify(Object.fromEntries(form)) : form.toString(),
    deadline,
    onlyOnce: true,
  });
  if (http.kind !== 'http') return http;
  return readUserTokenAnswer(http, { keep: keepText(appSecret, refreshToken), nowMs: now() });
}

/**
 * Where users' tokens are issued. v3 is on hosts of its own, known for the two platforms (this machine has
 * but one host); any other is asked by v2, so that a secret goes to no host that was not named.
 */
export function userTokenUrl(baseUrl: string, api: UserTokenApi): string {
  const accounts = accountsOf[baseUrl] ?? (baseUrl.startsWith('http://') ? baseUrl : undefined);
  return api === 'v3' && accounts
    ? `${accounts}/oauth/v3/token`
    : `${baseUrl}/open-apis/authen/v2/oauth/token`;
}

const accountsOf: Record<string, string> = {
  'https://open.feishu.cn': 'https://accounts.feishu.cn',
  'https://open.larksuite.com': 'https://accounts.larksuite.com',
};

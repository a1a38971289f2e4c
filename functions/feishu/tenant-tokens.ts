import type { NoAnswer, RefusalAnswer } from '../core/answer.ts';
import { type IssuedToken, readAcknowledgement, readTokenAnswer } from './answers.ts';
import type { FeishuConnection } from './connection.ts';
import { keepText } from './kept-text.ts';

// The endpoints that issue tokens to apps. All of them are flat: the token stands beside `code`.

export type AppCredentials = { appId: string; appSecret: string };

type TokenAnswer = IssuedToken | RefusalAnswer | NoAnswer;

/**
 * A tenant's token for a custom app.
 *
 * @see https://open.feishu.cn/document/server-docs/authentication-management/access-token/tenant_access_token_internal
 */
export function requestCustomAppToken(
  connection: FeishuConnection,
  baseUrl: string,
  { appId, appSecret }: AppCredentials,
  deadline: number,
): Promise<TokenAnswer> {
  return requestToken(connection, {
    url: `${baseUrl}/open-apis/auth/v3/tenant_access_token/internal`,
    body: { app_id: appId, app_secret: appSecret },
    field: 'tenant_access_token',
    secrets: [appSecret],
    deadline,
  });
}

/**
 * A store app's own token, which its tenants' tokens are got with.
 *
 * @see https://open.feishu.cn/document/server-docs/authentication-management/access-token/app_access_token
 */
export function requestStoreAppToken(
  connection: FeishuConnection,
  baseUrl: string,
  { appId, appSecret, appTicket }: AppCredentials & { appTicket: string },
  deadline: number,
): Promise<TokenAnswer> {
  return requestToken(connection, {
    url: `${baseUrl}/open-apis/auth/v3/app_access_token`,
    body: { app_id: appId, app_secret: appSecret, app_ticket: appTicket },
    field: 'app_access_token',
    secrets: [appSecret, appTicket],
    deadline,
  });
}

/**
 * A tenant's token for a store app.
 *
 * @see https://open.feishu.cn/document/server-docs/authentication-management/access-token/tenant_access_token
 */
export function requestStoreTenantToken(
  connection: FeishuConnection,
  baseUrl: string,
  { appAccessToken, tenantKey }: { appAccessToken: string; tenantKey: string },
  deadline: number,
): Promise<TokenAnswer> {
  return requestToken(connection, {
    url: `${baseUrl}/open-apis/auth/v3/tenant_access_token`,
    body: { app_access_token: appAccessToken, tenant_key: tenantKey },
    field: 'tenant_access_token',
    secrets: [appAccessToken],
    deadline,
  });
}

/**
 * Has Feishu push the `app_ticket` of a store app again; it comes as an event. Whether that was heard.
 *
 * @see https://open.feishu.cn/document/server-docs/authentication-management/access-token/app_ticket_resend
 */
export async function requestAppTicket(
  { send, now }: FeishuConnection,
  baseUrl: string,
  { appId, appSecret }: AppCredentials,
  deadline: number,
): Promise<{ kind: 'asked' } | RefusalAnswer | NoAnswer> {
  const http = await send({
    method: 'POST',
    url: `${baseUrl}/open-apis/auth/v3/app_ticket/resend`,
    headers: jsonContent,
    body: JSON.stringify({ app_id: appId, app_secret: appSecret }),
    deadline,
  });
  if (http.kind !== 'http') return http;
  return readAcknowledgement(http, { keep: keepText(appSecret), nowMs: now() });
}

const jsonContent = { 'content-type': 'application/json; charset=utf-8' };

async function requestToken(
  { send, now }: FeishuConnection,
  {
    url,
    body,
    field,
    secrets,
    deadline,
  }: {
    url: string;
    body: object;
    field: 'tenant_access_token' | 'app_access_token';
    secrets: string[];
    deadline: number;
  },
): Promise<TokenAnswer> {
  const http = await send({
    method: 'POST',
    url,
    headers: jsonContent,
    body: JSON.stringify(body),
    deadline,
  });
  if (http.kind !== 'http') return http;
  return readTokenAnswer(http, field, { keep: keepText(...secrets), nowMs: now() });
}

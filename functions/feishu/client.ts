import type { Answer, NoAnswer, NoProfile } from '../core/answer.ts';
import { meaningOfRefusal } from '../core/refusal.ts';
import { readImportAnswer, readTokenAnswer } from './answers.ts';
import type { SendHttp } from './http.ts';
import { keepText } from './kept-text.ts';
import { type TokenProvider, tokenProvider } from './token-provider.ts';

/** Time and network as arguments; `now` in milliseconds. */
export type FeishuConnection = { baseUrl: string; send: SendHttp; now: () => number };

/** Asks what has become of the import task `ticket`. Never throws for anything that Feishu or the network does. */
export type QueryImport = (ticket: string, deadline: number) => Promise<Answer>;

const ticketPattern = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * A query sends one request; a second one only where Feishu refuses the token, with a new token.
 *
 * @see https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/drive-v1/import_task/get
 */
export function importQuery(
  { baseUrl, send, now }: FeishuConnection,
  tokens: TokenProvider,
): QueryImport {
  async function queryOnce(ticket: string, deadline: number) {
    const issued = await tokens.token(deadline);
    if (issued.kind !== 'token') return { answer: issued };

    const { token } = issued;
    const http = await send({
      method: 'GET',
      url: `${baseUrl}/open-apis/drive/v1/import_tasks/${encodeURIComponent(ticket)}`,
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
      deadline,
    });
    if (http.kind !== 'http') return { answer: http };
    return { answer: readImportAnswer(http, { keep: keepText(token), nowMs: now() }), token };
  }

  return async (ticket, deadline) => {
    if (!ticketPattern.test(ticket))
      throw new Error('a ticket must be checked before it is asked for');

    const { answer, token } = await queryOnce(ticket, deadline);
    const isRefused =
      answer.kind === 'refusal' && meaningOfRefusal(answer).kind === 'token_refused';
    if (!isRefused || token === undefined) return answer;

    tokens.evict(token);
    return (await queryOnce(ticket, deadline)).answer;
  };
}

export type CustomApp = { kind: 'app'; appId: string; appSecret: string };

/**
 * Tenant tokens of a custom app, whose credentials are looked up whenever a token is needed and none
 * is at hand.
 *
 * @see https://open.feishu.cn/document/server-docs/authentication-management/access-token/tenant_access_token_internal
 */
export function customAppTokens(
  { baseUrl, send, now }: FeishuConnection,
  findApp: (deadline: number) => Promise<CustomApp | NoProfile | NoAnswer>,
): TokenProvider {
  return tokenProvider({
    now,
    async issue(deadline) {
      const app = await findApp(deadline);
      if (app.kind !== 'app') return app;

      const { appId, appSecret } = app;
      const http = await send({
        method: 'POST',
        url: `${baseUrl}/open-apis/auth/v3/tenant_access_token/internal`,
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify({ app_id: appId, app_secret: appSecret }),
        deadline,
      });
      return http.kind === 'http'
        ? readTokenAnswer(http, { keep: keepText(appSecret), nowMs: now() })
        : http;
    },
  });
}

import type { Answer, NoAnswer, RefusalAnswer } from '../core/answer.ts';
import type { AccessToken } from '../core/error-catalogue.ts';
import { saysTokenRefused } from '../core/refusal.ts';
import { type IssuedToken, readImportAnswer } from './answers.ts';
import type { FeishuConnection } from './connection.ts';
import { keepText } from './kept-text.ts';
import type { TokenProvider } from './token-provider.ts';

/** A token, whose it is, and where it holds. */
export type QueryToken = IssuedToken & { accessToken: AccessToken; baseUrl: string };

/** A token with all that a query needs; what is no token stays as it is. */
export function ownedToken<Answer extends { kind: string }, Owner>(
  token: IssuedToken | Answer,
  owner: Owner,
) {
  return isToken(token) ? { ...token, ...owner } : token;
}

function isToken(answer: { kind: string }): answer is IssuedToken {
  return answer.kind === 'token';
}

/** Asks what has become of the import task `ticket`. Never throws for anything that Feishu or the network does. */
export type QueryImport = (ticket: string, deadline: number) => Promise<QueriedImport>;

/** What came of it, and whose token it was asked with: a tenant's, as long as there was none. */
export type QueriedImport = { answer: Answer; accessToken: AccessToken };

const ticketPattern = /^[A-Za-z0-9_-]{1,64}$/;

/** A step has had its second request when the token is refused. */
const tokenDiscarded: NoAnswer = {
  kind: 'no_answer',
  reason: 'the access token was refused after the connection had broken, and was discarded',
  reasonZh: '连接中断后重试时访问令牌被拒绝，该令牌已弃用',
};

/**
 * A query sends one request; a second one only where Feishu refuses the token, with a new token, or where
 * the connection had died.
 *
 * @see https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/drive-v1/import_task/get
 */
export function importQuery(
  { send, now }: FeishuConnection,
  tokens: TokenProvider<QueryToken>,
): QueryImport {
  // to find out what to look for takes longer than a query
  const keepers = new WeakMap<QueryToken, (text: string) => string>();

  async function queryOnce(
    ticket: string,
    deadline: number,
    { mayRepeat }: { mayRepeat: boolean },
  ): Promise<{ answer: Answer; sentToken?: QueryToken; repeated?: boolean }> {
    const token = await tokens.token(deadline);
    if (token.kind !== 'token') return { answer: token };

    const http = await send({
      method: 'GET',
      url: `${token.baseUrl}/open-apis/drive/v1/import_tasks/${ticket}`,
      headers: { authorization: `Bearer ${token.token}`, accept: 'application/json' },
      deadline,
      mayRepeat,
    });
    if (http.kind !== 'http') return { answer: http, sentToken: token };
    const answer = readImportAnswer(http, { keep: keeper(token), nowMs: now() });
    return { answer, sentToken: token, repeated: http.repeated === true };
  }

  function keeper(token: QueryToken): (text: string) => string {
    const known = keepers.get(token);
    if (known) return known;
    const keep = keepText(token.token);
    keepers.set(token, keep);
    return keep;
  }

  return async (ticket, deadline) => {
    if (!ticketPattern.test(ticket))
      throw new Error('a ticket must be checked before it is asked for');

    const first = await queryOnce(ticket, deadline, { mayRepeat: true });
    if (!first.sentToken || !isTokenRefused(first.answer)) return queried(first);

    tokens.evict(first.sentToken);
    if (first.repeated) {
      const { httpStatus } = first.answer;
      return queried({ ...first, answer: { ...tokenDiscarded, httpStatus } });
    }
    return queried(await queryOnce(ticket, deadline, { mayRepeat: false }));
  };
}

function isTokenRefused(answer: Answer): answer is RefusalAnswer {
  return answer.kind === 'refusal' && saysTokenRefused(answer);
}

function queried({ answer, sentToken }: { answer: Answer; sentToken?: QueryToken }): QueriedImport {
  return { answer, accessToken: sentToken?.accessToken ?? 'tenant' };
}

import type { RefusalAnswer } from './answer.ts';
import { type ApiCode, apiCode } from './api-codes.ts';
import type { BilingualText } from './bilingual-text.ts';

/** Feishu uses 9499 for bad requests and for throttling; only its words tell them apart (larksuite/cli, pull request 2279). */
const throttleWording =
  /too many|too frequent|frequency|rate.?limit|throttl|限流|限频|频控|频繁|频率/i;

const rateLimit: ApiCode = {
  kind: 'rate_limit',
  meaning: { en: 'too many requests', zh: '请求过于频繁' },
};

/**
 * What a refusal asks of us: wait, ask again, renew the token, or give up. The body's code decides,
 * at any HTTP status; the status does where there is no code, or none that anybody has documented.
 * A 4xx without a code says nothing of the credentials, also where it was a token that we asked for:
 * it is a proxy's or a wrong address's.
 */
export function meaningOfRefusal({ asked, code, httpStatus, msg }: RefusalAnswer): ApiCode {
  if (code === undefined) return meaningOfStatus(httpStatus);
  if (code === 9499 && msg !== undefined && throttleWording.test(msg)) return rateLimit;

  const documented = apiCode(code);
  if (httpStatus === 429 && (!documented || isVague(documented))) return rateLimit;
  if (httpStatus >= 500 && !documented) return meaningOfStatus(httpStatus);

  const meaning = documented ?? plainNo(undocumented);
  return asked === 'token' && (isPlainNo(meaning) || meaning.kind === 'token_refused')
    ? { ...meaning, kind: 'permanent', error: 'Feishu.CredentialsRejected' }
    : meaning;
}

const undocumented = { en: 'a code that nobody has documented', zh: '未见于文档的错误码' };

function meaningOfStatus(httpStatus: number): ApiCode {
  const meaning = { en: `HTTP status ${httpStatus}`, zh: `HTTP 状态码 ${httpStatus}` };
  if (httpStatus === 429) return rateLimit;
  return httpStatus >= 400 && httpStatus < 500 ? plainNo(meaning) : { kind: 'transient', meaning };
}

function plainNo(meaning: BilingualText): ApiCode {
  return { kind: 'permanent', error: 'Feishu.Rejected', meaning };
}

/** Says less of the reason than the HTTP status 429 does. */
function isVague(meaning: ApiCode): boolean {
  return meaning.kind === 'transient' || isPlainNo(meaning);
}

function isPlainNo(meaning: ApiCode): boolean {
  return meaning.kind === 'permanent' && meaning.error === 'Feishu.Rejected';
}

/** Whether a refusal says that the token which the request was made with is not valid. */
export function saysTokenRefused({ code }: RefusalAnswer): boolean {
  return code !== undefined && apiCode(code)?.kind === 'token_refused';
}

import type { RefusalAnswer } from './answer.ts';
import { meaningOfRefusal } from './refusal.ts';

/**
 * What a refused refresh of a user's token leaves behind. `unspent`: the refresh token still holds, and
 * may be sent again later. `settings`: it still holds, and nothing will help but a change of the app's
 * or the user's settings. `authorise_again`: it is of no use any more. `lost`: nobody can tell whether
 * it was spent, so it must not be sent again.
 */
export type RefreshRefusal = 'unspent' | 'settings' | 'authorise_again' | 'lost';

/**
 * Codes of the token endpoint that say that this refresh token is of no use any more.
 *
 * @see https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/authentication-management/access-token/refresh-user-access-token
 */
const authoriseAgain = [20008, 20026, 20037, 20064, 20066, 20073, 99991669];

/** Feishu's own two that are to be tried again: the request was not carried out. */
const tryAgain = [20050, 20072];

/** Refresh tokens are single use, so whatever does not clearly say that this one was not used counts as its use. */
export function meaningOfRefreshRefusal(refusal: RefusalAnswer): RefreshRefusal {
  const { code, httpStatus } = refusal;
  if (code === undefined) return meaningOfStatus(httpStatus);
  if (authoriseAgain.includes(code)) return 'authorise_again';
  if (tryAgain.includes(code) || meaningOfRefusal(refusal).kind === 'rate_limit') return 'unspent';
  return httpStatus >= 500 ? 'lost' : 'settings';
}

/** Without Feishu's code it is a proxy's or a wrong address's word: a plain no has carried nothing out. */
function meaningOfStatus(httpStatus: number): RefreshRefusal {
  if (httpStatus === 429) return 'unspent';
  const isNo = httpStatus >= 300 && httpStatus < 500 && httpStatus !== 408;
  return isNo ? 'settings' : 'lost';
}

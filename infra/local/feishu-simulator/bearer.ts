import type { Tokens } from './tokens.ts';
import type { Consent, UserTokens } from './user-tokens.ts';

/** Whom a request is from: an app's tenant (`owner`), or a user of an app. */
type Bearer = { owner: string } | { consent: Consent };

/** Reads `Authorization`: whom a valid token stands for, else the code that refuses it. */
export function createBearerCheck(tenantTokens: Tokens, userTokens: UserTokens) {
  return function check(authorization = ''): Bearer | { refusal: number } {
    const token = /^Bearer (.+)$/.exec(authorization)?.[1];
    if (token === undefined) return { refusal: 99991661 };
    const owner = tenantTokens.ownerOf(token);
    if (owner !== undefined) return { owner };
    const user = userTokens.find(token);
    if (user) return user.isExpired ? { refusal: 99991677 } : { consent: user.consent };
    return { refusal: refusalOf(token) };
  };
}

function refusalOf(token: string): number {
  if (token.startsWith('t-')) return 99991663;
  // newer user tokens are JWTs
  return token.startsWith('u-') || token.startsWith('eyJ') ? 99991668 : 99991671;
}

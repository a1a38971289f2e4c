import type { IncomingHttpHeaders } from 'node:http';
import { createAppTokenEndpoints } from './app-token-endpoints.ts';
import type { FeishuApp } from './apps.ts';
import { createBearerCheck } from './bearer.ts';
import { remember } from './remember.ts';
import type { Answer } from './replies.ts';
import { parseJson } from './request-fields.ts';
import { createScriptedEndpoints } from './scripted-endpoints.ts';
import type { StoreApps } from './store-apps.ts';
import { createTokens } from './tokens.ts';
import { createUserTokenEndpoint, type RefreshUse } from './user-token-endpoint.ts';
import {
  type Consent,
  createUserTokens,
  type Generation,
  type UserTokenPair,
} from './user-tokens.ts';

/** Default: always the same person, and tokens of the v2 endpoint, which v2 and v3 renew. */
export type AuthoriseOptions = Partial<Omit<Consent, 'appId'>> & { generation?: Generation };

/** Lives of the tokens, in seconds. */
type Lives = {
  tokenSeconds?: number | undefined;
  userTokenSeconds?: number | undefined;
  refreshTokenSeconds?: number | undefined;
};

type Request = { headers: IncomingHttpHeaders; body: string };

const somebody = {
  name: '王小明',
  openId: 'ou_7d8a6e6df7621556ce0d21922b676706',
  scope: 'docs:document:import offline_access',
};

const appIdIn = (body: string) => String(parseJson(body).app_id);

/** The endpoints that issue tokens, and who holds which. */
export function createAuthorisation(
  apps: FeishuApp[],
  storeApps: StoreApps,
  now: () => number,
  { tokenSeconds, userTokenSeconds = 7200, refreshTokenSeconds = 604_800 }: Lives,
) {
  const allApps = [...apps, ...storeApps.isvApps];
  const issuedTokens: string[] = [];
  const refreshUses: RefreshUse[] = [];
  const onIssue = (token: string) => remember(issuedTokens, token);

  const lives = { accessSeconds: userTokenSeconds, refreshSeconds: refreshTokenSeconds };
  const userTokens = createUserTokens(now, lives, onIssue);
  const appTokens = createTokens(now, 'a-');
  const tenantTokens = createTokens(now, 't-');
  const checkBearer = createBearerCheck(tenantTokens, userTokens);
  const { play, script } = createScriptedEndpoints();

  const appTokenEndpoints = createAppTokenEndpoints({
    ...{ apps, storeApps, appTokens, tenantTokens, onIssue },
    tokenSeconds: tokenSeconds ?? 7200,
    storeTokenSeconds: tokenSeconds ?? 7140,
  });
  const answerUserToken = createUserTokenEndpoint({
    ...{ apps: allApps, userTokens, lives },
    play: (normalAnswer) => play('userToken', normalAnswer),
    onUse: (use) => remember(refreshUses, use),
  });

  function answerUserInfo(authorization: string | undefined): Answer {
    const bearer = checkBearer(authorization);
    if ('refusal' in bearer) return { error: { code: bearer.refusal } };
    if ('owner' in bearer) return { error: { code: 99991668 } };
    const { name, openId } = bearer.consent;
    return { json: { code: 0, msg: 'success', data: { name, open_id: openId } } };
  }

  const { tenantToken, appTicketResend, storeAppToken, storeTenantToken } = appTokenEndpoints;
  const routes = new Map<string, (request: Request) => Answer>([
    [
      'POST /open-apis/auth/v3/tenant_access_token/internal',
      ({ body }) => play('tenantToken', () => tenantToken(body), appIdIn(body)),
    ],
    [
      'POST /open-apis/auth/v3/app_ticket/resend',
      ({ body }) => play('appTicketResend', () => appTicketResend(body)),
    ],
    [
      'POST /open-apis/auth/v3/app_access_token',
      ({ body }) => play('storeAppToken', () => storeAppToken(body)),
    ],
    [
      'POST /open-apis/auth/v3/tenant_access_token',
      ({ body }) => play('storeTenantToken', () => storeTenantToken(body)),
    ],
    [
      'POST /open-apis/authen/v2/oauth/token',
      ({ headers, body }) => answerUserToken('v2', headers, body),
    ],
    ['POST /oauth/v3/token', ({ headers, body }) => answerUserToken('v3', headers, body)],
    [
      'GET /open-apis/authen/v1/user_info',
      ({ headers }) => play('userInfo', () => answerUserInfo(headers.authorization)),
    ],
  ]);

  return {
    routes,
    script,
    checkBearer,
    authoriseUser(appId: string, options: AuthoriseOptions = {}): UserTokenPair {
      if (!allApps.some((app) => app.appId === appId)) throw new Error(`No app ${appId}.`);
      const { generation = 'v2', ...person } = options;
      return userTokens.authorise({ ...somebody, ...person, appId }, generation);
    },
    expireTokens(): void {
      tenantTokens.expireAll();
      userTokens.expireAccessTokens();
    },
    expireAppTokens: appTokens.expireAll,
    revokeRefreshTokens: userTokens.revokeRefreshTokens,
    issuedTokens,
    refreshUses,
  };
}

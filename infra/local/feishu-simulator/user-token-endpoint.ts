import type { IncomingHttpHeaders } from 'node:http';
import type { FeishuApp } from './apps.ts';
import type { Answer } from './replies.ts';
import { parseForm, parseJson } from './request-fields.ts';
import type { Generation, UserTokenLives, UserTokens } from './user-tokens.ts';

/** A request that sent a refresh token. `renewed`: it is spent now, even if the answer was lost. */
export type RefreshUse = {
  refreshToken: string;
  outcome: 'renewed' | 'refused';
  /** Whether an earlier request had spent the token. */
  alreadyUsed: boolean;
};

type Parts = {
  apps: FeishuApp[];
  userTokens: UserTokens;
  lives: UserTokenLives;
  /** Puts a scripted answer in place of the normal one. */
  play: (normalAnswer: () => Answer) => Answer;
  onUse: (use: RefreshUse) => void;
};

/** Renews users' tokens. Of the grants of the real endpoint it knows `refresh_token` alone. */
export function createUserTokenEndpoint({ apps, userTokens, lives, play, onUse }: Parts) {
  return function answer(
    generation: Generation,
    headers: IncomingHttpHeaders,
    body: string,
  ): Answer {
    const fields = parseFields(generation, headers, body);
    const refreshToken = String(fields.refresh_token ?? '');
    const alreadyUsed = userTokens.isUsed(refreshToken);
    const use: RefreshUse = { refreshToken, outcome: 'refused', alreadyUsed };
    if (refreshToken) onUse(use);

    const played = play(() => {
      const code = refusalOf(fields, headers);
      if (code) return { error: { code } };
      const renewed = userTokens.renew(refreshToken, String(fields.client_id), generation);
      if ('refusal' in renewed) return { error: { code: renewed.refusal } };
      use.outcome = 'renewed';
      return { json: bodyOf(renewed) };
    });
    return inOauthShape(played);
  };

  function refusalOf(fields: Record<string, unknown>, headers: IncomingHttpHeaders) {
    const { grant_type, client_id, client_secret, refresh_token } = fields;
    if (Object.keys(fields).length === 0) return 20063;
    if (![grant_type, client_id, client_secret, refresh_token].every(Boolean)) return 20001;
    if (headers.authorization?.startsWith('Basic ')) return 20070;
    if (grant_type !== 'refresh_token') return 20036;
    const app = apps.find(({ appId }) => appId === client_id);
    if (!app) return 20048;
    return app.appSecret === client_secret ? undefined : 20002;
  }

  function bodyOf(renewed: { accessToken: string; refreshToken: string; scope: string }) {
    return {
      code: 0,
      access_token: renewed.accessToken,
      expires_in: lives.accessSeconds,
      refresh_token: renewed.refreshToken,
      refresh_token_expires_in: lives.refreshSeconds,
      token_type: 'Bearer',
      scope: renewed.scope,
    };
  }
}

// only v3 reads forms
function parseFields(generation: Generation, headers: IncomingHttpHeaders, body: string) {
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  return isForm && generation === 'v3' ? parseForm(body) : parseJson(body);
}

function inOauthShape(answer: Answer): Answer {
  if (!('error' in answer)) return answer;
  return { delayMs: answer.delayMs ?? 0, oauthError: answer.error };
}

import type { NoAnswer, NoAppTicket, NoProfile, RefusalAnswer } from '../core/answer.ts';
import { saysTokenRefused } from '../core/refusal.ts';
import type { IssuedToken } from '../feishu/answers.ts';
import type { FeishuConnection } from '../feishu/connection.ts';
import {
  requestAppTicket,
  requestStoreAppToken,
  requestStoreTenantToken,
} from '../feishu/tenant-tokens.ts';
import { type NoToken, type TokenProvider, tokenProvider } from '../feishu/token-provider.ts';
import { type AppSecret, appSecretName, readAppSecret } from './app-secret.ts';
import type { MayAskForAppTicket } from './app-ticket-requests.ts';
import type { CachedSecrets } from './cached-secrets.ts';

export type StoreApp = { app: string; baseUrl: string };

export type StoreAppTokens = {
  /** A tenant's token, and the app's own that it was got with. */
  tenantToken(
    storeApp: StoreApp & { tenantKey: string },
    deadline: number,
  ): Promise<{ answer: IssuedToken | NoToken; appToken?: AppToken }>;
  /** Forgets an app's own token and its secret, unless it was renewed: Feishu has refused what was got with it. */
  forget(appToken: AppToken): void;
};

export type AppToken = IssuedToken & { storeApp: StoreApp };

/** What Feishu says to an `app_ticket` that it does not take (any more). */
const badTicketCode = 10012;

/** The tokens of store apps: the app's own is got once for all its tenants. */
export function storeAppTokens(
  {
    prefix,
    secrets,
    mayAskForAppTicket,
  }: { prefix: string; secrets: CachedSecrets; mayAskForAppTicket: MayAskForAppTicket },
  connection: FeishuConnection,
): StoreAppTokens {
  const providers = new Map<string, TokenProvider<AppToken>>();

  function appTokens({ app, baseUrl }: StoreApp): TokenProvider<AppToken> {
    const key = `${app} ${baseUrl}`;
    const existing = providers.get(key);
    if (existing) return existing;
    const created = tokenProvider({
      now: connection.now,
      issue: (deadline) => issueAppToken({ app, baseUrl }, deadline),
      onEvict: () => secrets.drop(appSecretName(prefix, app)),
    });
    providers.set(key, created);
    return created;
  }

  async function issueAppToken(storeApp: StoreApp, deadline: number): Promise<AppToken | NoToken> {
    const answer = await issueFromSecret(storeApp, deadline);
    if (answer.kind === 'token') return { ...answer, storeApp };
    // whatever is wrong with a secret may be mended at any time
    if (answer.kind !== 'no_answer') secrets.drop(appSecretName(prefix, storeApp.app));
    return answer;
  }

  async function issueFromSecret(
    { app, baseUrl }: StoreApp,
    deadline: number,
  ): Promise<IssuedToken | NoToken> {
    const found = await findApp(app, deadline);
    if (found.kind !== 'read') return found;
    const first = await requestWithTicket(found.value, baseUrl, deadline);
    if (!isTicketRefused(first)) return first;

    // what is kept here may be older than what Feishu has pushed since
    const again = await findApp(app, deadline, { fresh: true });
    if (again.kind !== 'read') return again;
    const isNewer = again.value.appTicket !== found.value.appTicket;
    const second = isNewer ? await requestWithTicket(again.value, baseUrl, deadline) : first;
    return isTicketRefused(second) ? awaitTicket(again.value, baseUrl, deadline) : second;
  }

  async function findApp(app: string, deadline: number, { fresh = false } = {}) {
    const name = appSecretName(prefix, app);
    if (fresh) secrets.drop(name);
    const secret = await secrets.read(name, deadline);
    return secret.kind === 'secret' ? readAppSecret(secret.text, name, app) : secret;
  }

  async function requestWithTicket(app: AppSecret, baseUrl: string, deadline: number) {
    const { appTicket } = app;
    if (appTicket === undefined) return 'no ticket';
    return requestStoreAppToken(connection, baseUrl, { ...app, appTicket }, deadline);
  }

  /** Has Feishu push a new ticket, unless that was asked lately, and lets the import wait for it. */
  async function awaitTicket(
    app: AppSecret,
    baseUrl: string,
    deadline: number,
  ): Promise<NoAppTicket | RefusalAnswer | NoAnswer | NoProfile> {
    const name = appSecretName(prefix, app.appId);
    const may = await mayAskForAppTicket.ask(name, deadline);
    if (may.kind === 'no_answer' || may.kind === 'no_profile') return may;
    if (may.kind === 'yes') {
      const asked = await requestAppTicket(connection, baseUrl, app, deadline);
      if (asked.kind !== 'asked') {
        mayAskForAppTicket.wasNotHeard(name);
        return asked;
      }
    }
    const why = app.appTicket === undefined ? noneYet(app) : refusedOne(app);
    return { kind: 'no_app_ticket', reason: why.en, reasonZh: why.zh };
  }

  return {
    async tenantToken({ app, baseUrl, tenantKey }, deadline) {
      const tokens = appTokens({ app, baseUrl });
      async function request(): ReturnType<StoreAppTokens['tenantToken']> {
        const appToken = await tokens.token(deadline);
        if (appToken.kind !== 'token') return { answer: appToken };
        const credentials = { appAccessToken: appToken.token, tenantKey };
        const answer = await requestStoreTenantToken(connection, baseUrl, credentials, deadline);
        return { answer, appToken };
      }

      const first = await request();
      const { answer, appToken } = first;
      if (answer.kind !== 'refusal' || !appToken || !saysTokenRefused(answer)) return first;
      tokens.evict(appToken);
      return request();
    },

    forget: (appToken) => appTokens(appToken.storeApp).evict(appToken),
  };
}

function isTicketRefused(
  answer: IssuedToken | RefusalAnswer | NoAnswer | 'no ticket',
): answer is RefusalAnswer | 'no ticket' {
  return answer === 'no ticket' || (answer.kind === 'refusal' && answer.code === badTicketCode);
}

function noneYet({ appId }: AppSecret) {
  return {
    en: `the app ${appId} has no app_ticket yet`,
    zh: `应用 ${appId} 尚无 app_ticket`,
  };
}

function refusedOne({ appId }: AppSecret) {
  return {
    en: `Feishu does not take the app_ticket of the app ${appId} any more (code ${badTicketCode})`,
    zh: `飞书不再接受应用 ${appId} 的 app_ticket（错误码 ${badTicketCode}）`,
  };
}

import type { FeishuApp } from './apps.ts';
import type { Answer } from './replies.ts';
import { parseJson } from './request-fields.ts';
import type { StoreApps } from './store-apps.ts';
import type { Tokens } from './tokens.ts';

type Parts = {
  apps: FeishuApp[];
  storeApps: StoreApps;
  appTokens: Tokens;
  tenantTokens: Tokens;
  /** Lives of the tokens of custom apps and of store apps. */
  tokenSeconds: number;
  storeTokenSeconds: number;
  onIssue: (token: string) => void;
};

/** What apps ask for their tokens: each takes a request's body. */
export function createAppTokenEndpoints(parts: Parts) {
  const { apps, storeApps, appTokens, tenantTokens, onIssue } = parts;
  const { isvApps, tickets } = storeApps;

  function tenantToken(body: string): Answer {
    const app = appOf(apps, parseJson(body));
    if ('error' in app) return app;
    const { token, expire } = issue(tenantTokens, app.appId, parts.tokenSeconds);
    return { json: { code: 0, msg: 'ok', tenant_access_token: token, expire } };
  }

  function appTicketResend(body: string): Answer {
    const app = appOf([...isvApps, ...apps], parseJson(body));
    if ('error' in app) return app;
    if (apps.includes(app)) return { error: { code: 10016 } };
    // whoever asks is not told whether the event arrives
    storeApps.pushAppTicket(app.appId).catch(() => {});
    return { json: { code: 0, msg: 'success' } };
  }

  function storeAppToken(body: string): Answer {
    const fields = parseJson(body);
    const app = appOf([...isvApps, ...apps], fields);
    if ('error' in app) return app;
    if (!tickets.isValid(app.appId, fields.app_ticket)) return { error: { code: 10012 } };
    const { token, expire } = issue(appTokens, app.appId, parts.storeTokenSeconds);
    return { json: { code: 0, msg: 'success', app_access_token: token, expire } };
  }

  function storeTenantToken(body: string): Answer {
    const fields = parseJson(body);
    const appId = appTokens.ownerOf(String(fields.app_access_token));
    const app = isvApps.find((isvApp) => isvApp.appId === appId);
    if (!app) return { error: { code: 99991664 } };
    const tenantKey = app.tenantKeys.find((key) => key === fields.tenant_key);
    if (tenantKey === undefined) return { error: { code: 10013 } };
    const owner = `${appId}/${tenantKey}`;
    const { token, expire } = issue(tenantTokens, owner, parts.storeTokenSeconds);
    return { json: { code: 0, msg: 'success', tenant_access_token: token, expire } };
  }

  function issue(tokens: Tokens, owner: string, lifeSeconds: number) {
    const issued = tokens.issue(owner, lifeSeconds);
    if (issued.isNew) onIssue(issued.token);
    return issued;
  }

  return { tenantToken, appTicketResend, storeAppToken, storeTenantToken };
}

function appOf(known: FeishuApp[], credentials: Record<string, unknown>) {
  const app = known.find(({ appId }) => appId === credentials.app_id);
  if (!app) return { error: { code: 10003 } };
  return app.appSecret === credentials.app_secret ? app : { error: { code: 10014 } };
}

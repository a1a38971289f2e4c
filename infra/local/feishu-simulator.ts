import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FeishuApp, IsvApp } from './feishu-simulator/apps.ts';
import { type AuthoriseOptions, createAuthorisation } from './feishu-simulator/authorisation.ts';
import type { UrlCheck } from './feishu-simulator/event-sender.ts';
import { startHttpServer } from './feishu-simulator/http-server.ts';
import { createRateLimiter, type RateLimits } from './feishu-simulator/rate-limiter.ts';
import { remember } from './feishu-simulator/remember.ts';
import {
  type Answer,
  notFound,
  type Reply,
  send,
  type TokenReply,
  toAnswer,
} from './feishu-simulator/replies.ts';
import { parseJson } from './feishu-simulator/request-fields.ts';
import type { ScriptedEndpoint } from './feishu-simulator/scripted-endpoints.ts';
import { createScripts, type Script } from './feishu-simulator/scripts.ts';
import { createStoreApps } from './feishu-simulator/store-apps.ts';
import type { RefreshUse } from './feishu-simulator/user-token-endpoint.ts';
import type { UserTokenPair } from './feishu-simulator/user-tokens.ts';

export type { FeishuApp, IsvApp, RefreshUse, Reply, Script, TokenReply, UserTokenPair };

/** The app that the simulator knows unless it is given others. */
export const demoApp: FeishuApp = { appId: 'cli_simulator', appSecret: 'simulator-secret' };

export type RecordedRequest = {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  at: number;
};

export type FeishuSimulatorOptions = {
  apps?: FeishuApp[];
  isvApps?: IsvApp[];
  /** For tickets nobody scripted, asked at their first query. Without a script: code 1069904. */
  scriptFor?: (ticket: string) => Script | undefined;
  /** Life of app and tenant tokens. Default 7200, for those of store apps 7140. */
  tokenSeconds?: number;
  /** Lives of a user's tokens. Default 7200 and 604800. */
  userTokenSeconds?: number;
  refreshTokenSeconds?: number;
  /** Per app and tenant, on the query of import tasks; none unless given. Feishu's own: 50 and 1000. */
  rateLimit?: RateLimits;
  /** Told of every request before it is answered. */
  onRequest?: (request: RecordedRequest) => void;
  /** Milliseconds. Delays and faults run on real time all the same. */
  now?: () => number;
  port?: number;
};

export type FeishuSimulator = {
  url: string;
  /** Starts a ticket's script, from its beginning if it had one. */
  script(ticket: string, script: Script): void;
  /** The next answers of the token endpoint of custom apps, to one of them or to whoever asks, in order; then normal again. */
  scriptTokenEndpoint(replies: TokenReply[], appId?: string): void;
  /** The same for the endpoint that renews users' tokens, v2 and v3 in one row. */
  scriptUserTokenEndpoint(replies: TokenReply[]): void;
  /** The same for any endpoint but the query of import tasks. */
  scriptEndpoint(endpoint: ScriptedEndpoint, replies: TokenReply[]): void;
  /** Refuses every tenant token issued so far with 99991663, every user's access token with 99991677. */
  expireTokens(): void;
  /** Refuses every app token issued so far, with 99991664. */
  expireAppTokens(): void;
  /** Refuses every app ticket made so far, with 10012. */
  expireAppTickets(): void;
  /** Refuses every refresh token issued so far: 20064 for those that were not used. */
  revokeRefreshTokens(): void;
  /** The tokens that an app has when a person has just allowed it to act for them. */
  authoriseUser(appId: string, options?: AuthoriseOptions): UserTokenPair;
  /** Makes a ticket, sends it to a store app's event URL, and resolves with the HTTP status it got. */
  pushAppTicket(appId: string): Promise<number>;
  /** Sends the check of the event URL that Feishu makes when one is set; it wants an answer in 1 s. */
  checkEventUrl(appId: string): Promise<UrlCheck>;
  setEventUrl(appId: string, url: string): void;
  /** Of those that have not expired. */
  newestAppTicket(appId: string): string | undefined;
  /** How often a store app asked, in vain or not, for its ticket to be sent again. */
  resends(appId: string): number;
  /** Queries answered from the ticket's script: those refused for their token or rate are not among them. */
  queriesOf(ticket: string): number;
  /** The newest 10,000, refused ones too, secrets included. */
  requests: RecordedRequest[];
  /** Tokens of every kind, the newest 10,000. */
  issuedTokens: string[];
  /** The newest 10,000. None should be `alreadyUsed`. */
  refreshUses: RefreshUse[];
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

const resendPath = '/open-apis/auth/v3/app_ticket/resend';
const importTaskPath = /^\/open-apis\/drive\/v1\/import_tasks\/([^/]+)$/;

/** Starts Feishu's token and import endpoints on 127.0.0.1. */
export async function startFeishuSimulator(
  options: FeishuSimulatorOptions = {},
): Promise<FeishuSimulator> {
  const { apps = [demoApp], now = Date.now, port = 0 } = options;
  const storeApps = createStoreApps(options.isvApps ?? [], now);
  const authorisation = createAuthorisation(apps, storeApps, now, options);
  const scripts = createScripts(now, options.scriptFor);
  const admit = options.rateLimit && createRateLimiter(now, options.rateLimit);
  const requests: RecordedRequest[] = [];

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = request;
    const at = now();
    const body = await text(request);
    const received = { method, path, headers, body, at };
    remember(requests, received);
    options.onRequest?.(received);
    response.setHeader('x-tt-logid', newLogId(at));

    const answer = answerTo(received);
    if (answer.delayMs) await sleepUnlessClosed(answer.delayMs, response);
    send(response, answer);
  }

  function answerTo(request: RecordedRequest): Answer {
    const { method, path, headers } = request;
    const [pathname = ''] = path.split('?');
    const ticket = importTaskPath.exec(pathname)?.[1];
    if (method === 'GET' && ticket) return answerQuery(ticket, headers.authorization);
    const route = `${method} ${pathname}`.replace(/(\/internal)\/$/, '$1');
    return authorisation.routes.get(route)?.(request) ?? notFound;
  }

  function answerQuery(ticket: string, authorization: string | undefined): Answer {
    const bearer = authorisation.checkBearer(authorization);
    if ('refusal' in bearer) return { error: { code: bearer.refusal } };
    const refusal = admit?.('owner' in bearer ? bearer.owner : bearer.consent.appId);
    if (refusal) return { rateLimit: refusal };
    return toAnswer(ticket, scripts.nextReply(ticket));
  }

  const resends = (appId: string) =>
    requests.filter(({ path, body }) => path === resendPath && parseJson(body).app_id === appId)
      .length;

  const server = await startHttpServer(handle, port);

  async function close(): Promise<void> {
    await Promise.all([server.close(), storeApps.close()]);
  }

  return {
    url: server.url,
    script: scripts.script,
    scriptTokenEndpoint: (replies, appId) => authorisation.script('tenantToken', replies, appId),
    scriptUserTokenEndpoint: (replies) => authorisation.script('userToken', replies),
    scriptEndpoint: authorisation.script,
    expireTokens: authorisation.expireTokens,
    expireAppTokens: authorisation.expireAppTokens,
    expireAppTickets: storeApps.tickets.expireAll,
    revokeRefreshTokens: authorisation.revokeRefreshTokens,
    authoriseUser: authorisation.authoriseUser,
    pushAppTicket: storeApps.pushAppTicket,
    checkEventUrl: storeApps.checkEventUrl,
    setEventUrl: storeApps.setEventUrl,
    newestAppTicket: storeApps.tickets.newest,
    resends,
    queriesOf: scripts.queriesOf,
    requests,
    issuedTokens: authorisation.issuedTokens,
    refreshUses: authorisation.refreshUses,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function sleepUnlessClosed(delayMs: number, response: ServerResponse): Promise<void> {
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  return sleep(delayMs, undefined, { signal: closed.signal });
}

function newLogId(at: number): string {
  const seconds = new Date(at).toISOString().slice(0, 19).replaceAll(/\D/g, '');
  return seconds + randomBytes(9).toString('hex').toUpperCase();
}

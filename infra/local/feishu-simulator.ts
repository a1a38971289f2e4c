import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRateLimiter, type RateLimits } from './feishu-simulator/rate-limiter.ts';
import {
  type Answer,
  notFound,
  type Reply,
  send,
  type TokenReply,
  toAnswer,
} from './feishu-simulator/replies.ts';
import { createScripts, type Script } from './feishu-simulator/scripts.ts';
import { createTenantTokens } from './feishu-simulator/tenant-tokens.ts';

export type { Reply, Script, TokenReply };

export type FeishuApp = { appId: string; appSecret: string };

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
  /** For tickets nobody scripted, asked at their first query. Without a script: code 1069904. */
  scriptFor?: (ticket: string) => Script | undefined;
  /** Life of a tenant token. Default 7200. */
  tokenSeconds?: number;
  /** Per app, on the query of import tasks; none unless given. Feishu's own: 50 and 1000. */
  rateLimit?: RateLimits;
  /** Milliseconds. Delays and faults run on real time all the same. */
  now?: () => number;
  port?: number;
};

export type FeishuSimulator = {
  url: string;
  /** Starts a ticket's script, from its beginning if it had one. */
  script(ticket: string, script: Script): void;
  /** The next answers of the token endpoint, in order; then normal again. */
  scriptTokenEndpoint(replies: TokenReply[]): void;
  /** Refuses every token issued so far, with 99991663. */
  expireTokens(): void;
  /** Queries answered from the ticket's script: those refused for their token or rate are not among them. */
  queriesOf(ticket: string): number;
  /** The newest 10,000, refused ones too, secrets included. */
  requests: RecordedRequest[];
  /** The newest 10,000. */
  issuedTokens: string[];
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

const tokenPath = /^\/open-apis\/auth\/v3\/tenant_access_token\/internal\/?$/;
const importTaskPath = /^\/open-apis\/drive\/v1\/import_tasks\/([^/]+)$/;

/** Starts Feishu's token and import endpoints on 127.0.0.1. */
export async function startFeishuSimulator(
  options: FeishuSimulatorOptions = {},
): Promise<FeishuSimulator> {
  const { apps = [demoApp], tokenSeconds = 7200, now = Date.now, port = 0 } = options;
  const tokens = createTenantTokens(now, tokenSeconds);
  const scripts = createScripts(now, options.scriptFor);
  const admit = options.rateLimit && createRateLimiter(now, options.rateLimit);
  const tokenReplies: TokenReply[] = [];
  const requests: RecordedRequest[] = [];
  const issuedTokens: string[] = [];

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = request;
    const at = now();
    const body = await text(request);
    remember(requests, { method, path, headers, body, at });
    response.setHeader('x-tt-logid', newLogId(at));

    const answer = answerTo(method, path, headers, body);
    if (answer.delayMs) await sleepUnlessClosed(answer.delayMs, response);
    send(response, answer);
  }

  function answerTo(
    method: string,
    path: string,
    headers: IncomingHttpHeaders,
    body: string,
  ): Answer {
    const [pathname = ''] = path.split('?');
    const ticket = importTaskPath.exec(pathname)?.[1];
    if (method === 'POST' && tokenPath.test(pathname)) return answerTokenRequest(body);
    if (method === 'GET' && ticket) return answerQuery(ticket, headers.authorization);
    return notFound;
  }

  function answerTokenRequest(body: string): Answer {
    const reply = tokenReplies.shift() ?? 'issue';
    if (reply === 'issue') return issueToken(body);
    return 'issue' in reply ? { ...issueToken(body), delayMs: reply.delayMs ?? 0 } : reply;
  }

  function issueToken(body: string): Answer {
    const credentials = parseCredentials(body);
    const app = apps.find(({ appId }) => appId === credentials.app_id);
    if (!app) return { error: { code: 10003 } };
    if (app.appSecret !== credentials.app_secret) return { error: { code: 10014 } };

    const { token, expire, isNew } = tokens.issue(app.appId);
    if (isNew) remember(issuedTokens, token);
    return { json: { code: 0, msg: 'ok', tenant_access_token: token, expire } };
  }

  function answerQuery(ticket: string, authorization = ''): Answer {
    const token = /^Bearer (.+)$/.exec(authorization)?.[1];
    const appId = token && tokens.appOf(token);
    if (!appId) return { error: { code: refusalOf(token) } };
    const refusal = admit?.(appId);
    if (refusal) return { rateLimit: refusal };
    return toAnswer(ticket, scripts.nextReply(ticket));
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: Error) => {
      if (response.headersSent || response.destroyed) return response.destroy();
      return response.writeHead(500, { 'content-type': 'text/plain' }).end(`simulator: ${error}`);
    });
  });
  // Node's 5 s would end most connections between two queries, and hide what a reused one does
  server.keepAliveTimeout = 60_000;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;

  function close(): Promise<void> {
    return new Promise((resolve) => {
      // the second time it reports an error, which says no more than that it is closed
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  return {
    url: `http://${address.address}:${address.port}`,
    script: scripts.script,
    scriptTokenEndpoint: (replies) => void tokenReplies.push(...replies),
    expireTokens: tokens.expireAll,
    queriesOf: scripts.queriesOf,
    requests,
    issuedTokens,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function sleepUnlessClosed(delayMs: number, response: ServerResponse): Promise<void> {
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  return sleep(delayMs, undefined, { signal: closed.signal });
}

function remember<Item>(items: Item[], item: Item): void {
  items.push(item);
  if (items.length > 10_000) items.shift();
}

function parseCredentials(body: string): { app_id?: unknown; app_secret?: unknown } {
  try {
    return Object(JSON.parse(body));
  } catch {
    return {};
  }
}

function refusalOf(token: string | undefined): number {
  if (token === undefined) return 99991661;
  if (token.startsWith('t-')) return 99991663;
  // newer user tokens are JWTs
  return token.startsWith('u-') || token.startsWith('eyJ') ? 99991668 : 99991671;
}

function newLogId(at: number): string {
  const seconds = new Date(at).toISOString().slice(0, 19).replaceAll(/\D/g, '');
  return seconds + randomBytes(9).toString('hex').toUpperCase();
}

import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { documentedCodes } from './documented-codes.ts';
import { commitFault, type Fault } from './faults.ts';
import { oauthErrorOf } from './oauth-errors.ts';

/** An import's result with every field, as Feishu documents and spells it. */
export type ImportResult = {
  ticket: string;
  type: string;
  job_status: number;
  job_error_msg: string;
  token: string;
  url: string;
  extra: string[];
};

/** Only what is given is sent, but for `ticket`, `type` and a finished import's `job_error_msg`. Values may break the documented types on purpose. */
export type ScriptedResult = { [Field in keyof ImportResult]?: unknown };

export type ErrorReply = {
  code: number;
  msg?: string;
  /** Default: the documented status of the code, else 400. */
  http?: number;
  missingScopes?: string[];
};

export type RateLimitReply = {
  http?: 429 | 400;
  code?: number;
  msg?: string;
  limit?: number;
  /** Default 1; `null` leaves the header out. */
  resetSeconds?: number | string | null;
  retryAfter?: string;
};

export type RawReply = {
  http: number;
  body: string;
  /** Default JSON, whatever the body. */
  contentType?: string;
  headers?: Record<string, string>;
  /** In eight pieces, and so many milliseconds between them, instead of all at once. */
  dripMs?: number;
};

const jsonType = 'application/json; charset=utf-8';

type Delayed = { delayMs?: number };

/** What goes wrong, or is refused, on the way to an answer. Plain data. */
export type FailureReply = Delayed &
  ({ error: ErrorReply } | { rateLimit: RateLimitReply } | { raw: RawReply } | { fault: Fault });

/** What the simulator answers to one query of a ticket; `result: null` is an answer without one. Plain data. */
export type Reply = FailureReply | (Delayed & { result: ScriptedResult | null });

/**
 * What the simulator answers to one request for a token; `issue` is the normal answer. With
 * `instead` the token is issued, and a refresh token spent, but this is all the client gets.
 */
export type TokenReply =
  | FailureReply
  | 'issue'
  | (Delayed & { issue: true; instead?: FailureReply });

/** A reply as it goes out. */
export type Answer =
  | FailureReply
  | (Delayed & { json: unknown })
  | (Delayed & { oauthError: ErrorReply });

/** What Feishu's gateway says to every wrong path and method. */
export const notFound: Answer = {
  raw: { http: 404, body: '404 page not found', contentType: 'text/plain' },
};

export function toAnswer(ticket: string, reply: Reply): Answer {
  if (!('result' in reply)) return reply;
  const { delayMs = 0, result } = reply;
  const data = result === null ? {} : { result: completeResult(ticket, result) };
  return { delayMs, json: { code: 0, msg: 'success', data } };
}

/** Sends an answer. The response must bear its `x-tt-logid` already. */
export function send(response: ServerResponse, answer: Answer): void {
  if ('json' in answer) sendJson(response, 200, answer.json);
  else if ('error' in answer) sendError(response, answer.error);
  else if ('oauthError' in answer) sendOauthError(response, answer.oauthError);
  else if ('rateLimit' in answer) sendRateLimit(response, answer.rateLimit);
  else if ('raw' in answer) sendRaw(response, answer.raw);
  else commitFault(response, answer.fault);
}

function completeResult(ticket: string, result: ScriptedResult): ScriptedResult {
  const isFinished = result.job_status === 0 && Boolean(result.token);
  return { ticket, type: 'sheet', ...(isFinished && { job_error_msg: 'success' }), ...result };
}

function sendJson(response: ServerResponse, http: number, body: unknown): void {
  response.setHeader('content-type', jsonType);
  response.writeHead(http).end(JSON.stringify(body));
}

function sendError(response: ServerResponse, error: ErrorReply): void {
  const { code } = error;
  const isOfTokenEndpoint = code >= 10003 && code <= 10016;
  sendJson(
    response,
    httpOf(error),
    isOfTokenEndpoint ? flatError(error) : envelope(error, response),
  );
}

function sendOauthError(response: ServerResponse, error: ErrorReply): void {
  const { code } = error;
  const body = { error: oauthErrorOf(code), error_description: messageOf(error), code };
  sendJson(response, httpOf(error), body);
}

function sendRateLimit(response: ServerResponse, rateLimit: RateLimitReply): void {
  const { http = 429, code = 99991400, msg, limit = 50, resetSeconds = 1, retryAfter } = rateLimit;
  response.setHeader('x-ogw-ratelimit-limit', String(limit));
  if (resetSeconds !== null) response.setHeader('x-ogw-ratelimit-reset', String(resetSeconds));
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
  sendError(response, { code, http, ...(msg !== undefined && { msg }) });
}

function sendRaw(response: ServerResponse, raw: RawReply): void {
  const { http, body, contentType = jsonType, headers = {}, dripMs } = raw;
  response.writeHead(http, { 'content-type': contentType, ...headers });
  if (dripMs === undefined) response.end(body);
  else void drip(response, Buffer.from(body), dripMs);
}

async function drip(response: ServerResponse, body: Buffer, everyMs: number): Promise<void> {
  const size = Math.ceil(body.length / 8);
  for (let start = 0; start < body.length && !response.destroyed; start += size) {
    response.write(body.subarray(start, start + size));
    await sleep(everyMs);
  }
  response.end();
}

const httpOf = ({ code, http }: ErrorReply) => http ?? documentedCodes[code]?.http ?? 400;

const messageOf = ({ code, msg }: ErrorReply) => msg ?? documentedCodes[code]?.msg ?? 'failed';

// seen with an empty `data` for 10003 and without any for 10014
function flatError(error: ErrorReply) {
  return { code: error.code, ...(error.code === 10003 && { data: {} }), msg: messageOf(error) };
}

const importScopes = ['docs:document:import', 'drive:drive', 'drive:drive:readonly'];

function envelope(error: ErrorReply, response: ServerResponse) {
  const { code } = error;
  const logId = response.getHeader('x-tt-logid');
  const isScopeError = code === 99991672 || code === 99991679;
  const scopes = error.missingScopes ?? (isScopeError ? importScopes : []);
  const msg =
    code === 99991672 && error.msg === undefined
      ? `${messageOf(error)}: [${scopes.join(', ')}].`
      : messageOf(error);
  const search = `https://open.feishu.cn/search?from=openapi&log_id=${logId}&code=${code}`;
  const type = code === 99991679 ? 'action_privilege_required' : 'action_scope_required';

  return {
    code,
    msg,
    error: {
      message: msg,
      log_id: logId,
      troubleshooter: `排查建议查看(Troubleshooting suggestions): ${search}`,
      ...(scopes.length > 0 && {
        permission_violations: scopes.map((subject) => ({ type, subject })),
      }),
      ...(code === 99991672 && {
        helps: [{ url: `https://open.feishu.cn/app?q=${scopes.join(',')}`, description: msg }],
      }),
    },
  };
}

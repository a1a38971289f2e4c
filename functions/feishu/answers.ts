import type { RefusalAnswer, ResultAnswer } from '../core/answer.ts';
import { parseJson } from '../core/json.ts';
import { appToken, envelope, importResult, userToken } from './fields.ts';
import type { HttpAnswer } from './http.ts';
import { retryAfterSeconds } from './retry-after.ts';

export type IssuedToken = { kind: 'token'; token: string; lifeSeconds: number };

/** Without a refresh token nothing but a person can renew it. */
export type RenewedUserToken = {
  kind: 'renewed';
  accessToken: string;
  lifeSeconds: number;
  refreshToken: string | undefined;
  refreshLifeSeconds: number | undefined;
};

type Context = { asked: RefusalAnswer['asked']; keep: (text: string) => string; nowMs: number };

/** Reads what the import endpoint said: a result where the body's `code` is 0, else a refusal. */
export function readImportAnswer(
  http: HttpAnswer,
  context: Omit<Context, 'asked'>,
): ResultAnswer | RefusalAnswer {
  const json = parseJson(http.body);
  const { code, logId } = envelope(json);
  if (code !== 0) return readRefusal(http, json, { ...context, asked: 'import' });

  const result = importResult(json);
  return {
    kind: 'result',
    ticket: result.ticket,
    jobStatus: result.jobStatus,
    jobErrorMsg: kept(result.jobErrorMsg, context.keep),
    type: kept(result.type, context.keep),
    token: kept(result.token, context.keep),
    url: kept(result.url, context.keep),
    extra: result.extra.map(context.keep),
    httpStatus: http.httpStatus,
    logId: kept(logIdHeader(http) ?? logId, context.keep),
  };
}

/** Reads what a token endpoint said: a token where the body's `code` is 0, else a refusal. */
export function readTokenAnswer(
  http: HttpAnswer,
  field: 'tenant_access_token' | 'app_access_token',
  context: Omit<Context, 'asked'>,
): IssuedToken | RefusalAnswer {
  const json = parseJson(http.body);
  const { token, lifeSeconds } = appToken(json, field);
  if (envelope(json).code === 0 && token) return { kind: 'token', token, lifeSeconds };
  return readRefusal(http, json, { ...context, asked: 'token' });
}

/** Reads what an endpoint said that has nothing to tell but whether it heard. */
export function readAcknowledgement(
  http: HttpAnswer,
  context: Omit<Context, 'asked'>,
): { kind: 'asked' } | RefusalAnswer {
  const json = parseJson(http.body);
  if (envelope(json).code === 0) return { kind: 'asked' };
  return readRefusal(http, json, { ...context, asked: 'token' });
}

/** Reads what the endpoint for users' tokens said: new tokens where the body's `code` is 0, else a refusal. */
export function readUserTokenAnswer(
  http: HttpAnswer,
  context: Omit<Context, 'asked'>,
): RenewedUserToken | RefusalAnswer {
  const json = parseJson(http.body);
  const { accessToken, ...renewed } = userToken(json);
  if (envelope(json).code === 0 && accessToken) return { kind: 'renewed', accessToken, ...renewed };
  return readRefusal(http, json, { ...context, asked: 'token' });
}

function readRefusal(
  http: HttpAnswer,
  json: unknown,
  { asked, keep, nowMs }: Context,
): RefusalAnswer {
  const { code, msg, logId, missingScopes } = envelope(json);
  return {
    kind: 'refusal',
    asked,
    httpStatus: http.httpStatus,
    // 0 without what it promises is no answer that we can read
    code: code === 0 ? undefined : code,
    msg: kept(msg ?? (json === undefined ? unreadable(http.body) : undefined), keep),
    logId: kept(logIdHeader(http) ?? logId, keep),
    missingScopes: (missingScopes.length > 0 ? missingScopes : scopesIn(msg)).map(keep),
    retryAfterSeconds: retryAfterSeconds(http.headers, nowMs),
  };
}

/** Some errors name the scopes in their text alone: `… scopes is required: [a, b]`. */
function scopesIn(msg = ''): string[] {
  const [, list = ''] = /\[([\w:., -]{1,500})\]/.exec(msg) ?? [];
  return list.split(/[\s,]+/).filter((scope) => scope.includes(':'));
}

/** What Feishu's support asks for. */
function logIdHeader({ headers }: HttpAnswer): string | undefined {
  const header = headers['x-tt-logid'];
  return (Array.isArray(header) ? header[0] : header) || undefined;
}

/** A token answer that was cut short may hold the token all the same. */
function unreadable(body: string): string | undefined {
  return (
    body.trim().replace(/((?:access|refresh)_token"\s*:\s*")[^"]*/g, '$1[secret]') || undefined
  );
}

function kept(text: string | undefined, keep: (text: string) => string): string | undefined {
  return text === undefined ? undefined : keep(text);
}

import { documentedCodes } from '../../infra/local/feishu-simulator/documented-codes.ts';
import type { Reply, TokenReply } from '../../infra/local/feishu-simulator.ts';
import { kindOfCode, nameOfCode, statuses } from './feishu-codes.ts';

// What one answer means by the contract (the design's "Rules that the names stand on"), read off the
// script: nothing here asks the code under test.

export type Meaning =
  | { kind: 'document'; document: object; isComplete: boolean; warnings: string[] }
  | { kind: 'running'; jobStatus: number | undefined }
  | { kind: 'failed'; name: string; jobStatus: number }
  | { kind: 'rateLimit'; resetSeconds: number }
  /** `mayBeRepeated`: over a connection that was used before it was never heard of. */
  | { kind: 'transient'; mayBeRepeated?: boolean }
  | { kind: 'tokenRefused'; code: number }
  | { kind: 'refused'; name: string; code?: number }
  | { kind: 'token' };

type Arrived = { http: number; json: unknown; resetSeconds: number };

const longestBody = 1024 * 1024;
const throttleWords =
  /too many|too frequent|frequency|rate limit|throttl|限流|限频|频控|频繁|频率/i;

export function meaningOfReply(reply: Reply, ticket: string): Meaning {
  const arrived = arrivalOf(reply, ticket);
  if ('kind' in arrived) return arrived;
  return codeIn(arrived.json) === 0
    ? meaningOfResult(arrived.json, ticket)
    : meaningOfRefusal(arrived);
}

export function meaningOfTokenReply(reply: TokenReply): Meaning {
  if (reply === 'issue' || ('issue' in reply && !reply.instead)) return { kind: 'token' };
  const answer = 'issue' in reply ? reply.instead : reply;
  const arrived = arrivalOf(answer as Reply, '');
  if ('kind' in arrived) return arrived;
  const { http, json } = arrived;
  if (codeIn(json) === 0) {
    return isText(own(json, 'tenant_access_token')) ? { kind: 'token' } : meaningOfStatus(arrived);
  }
  const meaning = meaningOfRefusal({ ...arrived, http });
  const code = codeIn(json);
  const saysNo =
    meaning.kind === 'tokenRefused' ||
    (meaning.kind === 'refused' && meaning.name === 'Feishu.Rejected' && code !== undefined);
  return saysNo
    ? { kind: 'refused', name: 'Feishu.CredentialsRejected', ...(code !== undefined && { code }) }
    : meaning;
}

/** What comes over the wire; a meaning where nothing whole does. */
function arrivalOf(reply: Reply, ticket: string): Arrived | Meaning {
  if ((reply.delayMs ?? 0) > 1000) return { kind: 'transient' };
  if ('fault' in reply) {
    if (reply.fault === 'gzipBomb') return { http: 200, json: undefined, resetSeconds: 0 };
    const mayBeRepeated = reply.fault === 'drop' || reply.fault === 'dropMidHeaders';
    return { kind: 'transient', mayBeRepeated };
  }
  if ('result' in reply) {
    const { result } = reply;
    const isDone = result?.job_status === 0 && Boolean(result.token);
    const filled = { ticket, type: 'sheet', ...(isDone && { job_error_msg: 'success' }) };
    const data = result === null ? {} : { result: { ...filled, ...result } };
    return { http: 200, json: overTheWire({ code: 0, data }), resetSeconds: 0 };
  }
  if ('error' in reply) {
    const { code, http = documentedCodes[code]?.http ?? 400, msg } = reply.error;
    return { http, json: { code, msg: msg ?? documentedCodes[code]?.msg }, resetSeconds: 0 };
  }
  if ('rateLimit' in reply) {
    const { http = 429, code = 99991400, msg, resetSeconds = 1 } = reply.rateLimit;
    return { http, json: { code, msg }, resetSeconds: secondsIn(resetSeconds) };
  }
  return arrivalOfRaw(reply.raw);
}

function arrivalOfRaw({
  http,
  body,
  headers = {},
  dripMs = 0,
}: Extract<Reply, { raw: object }>['raw']): Arrived | Meaning {
  const length = Number(headers['content-length'] ?? body.length);
  if (length > body.length || dripMs > 100) return { kind: 'transient' };
  // of a body that is too long only the status counts, and only where it says no
  if (body.length > longestBody) {
    return http >= 400 ? { http, json: undefined, resetSeconds: 0 } : { kind: 'transient' };
  }
  return { http, json: http === 204 ? undefined : parsed(body.slice(0, length)), resetSeconds: 0 };
}

function meaningOfResult(json: unknown, ticket: string): Meaning {
  const result = own(own(json, 'data'), 'result');
  const told = own(result, 'ticket');
  if (isText(told) && told !== ticket) return { kind: 'transient' };

  const status = own(result, 'job_status');
  if (typeof status !== 'number' || !Number.isInteger(status)) {
    return { kind: 'running', jobStatus: undefined };
  }
  const row = statuses.get(status);
  if (!row || row.outcome === 'failed') {
    const name = row?.error ?? 'Import.UnknownStatus';
    const isConflict = status === 3 && conflictIn(own(result, 'job_error_msg'));
    return {
      kind: 'failed',
      name: isConflict ? 'Import.FolderConflict' : name,
      jobStatus: status,
    };
  }
  const token = own(result, 'token');
  if (row.outcome !== 'succeeded' || !isText(token)) {
    return { kind: 'running', jobStatus: status };
  }
  const [type, url] = [own(result, 'type'), own(result, 'url')];
  const notices = noticesIn(own(result, 'extra'));
  return {
    kind: 'document',
    document: { token, ...(isText(type) && { type }), ...(isText(url) && { url }) },
    isComplete: notices.length === 0,
    warnings: notices.slice(0, 20),
  };
}

function meaningOfRefusal(arrived: Arrived): Meaning {
  const { http, json, resetSeconds } = arrived;
  const code = codeIn(json);
  if (code === undefined) return meaningOfStatus(arrived);

  const kind = kindOfCode(code);
  const isThrottle = code === 9499 && throttleWords.test(String(own(json, 'msg')));
  const isVague = kind === undefined || kind === 'transient' || kind === 'rejected';
  if (kind === 'rateLimit' || isThrottle || (http === 429 && isVague)) {
    return { kind: 'rateLimit', resetSeconds };
  }
  if (kind === 'transient' || (kind === undefined && http >= 500)) return { kind: 'transient' };
  if (kind === 'token') return { kind: 'tokenRefused', code };
  return { kind: 'refused', name: nameOfCode(code), code };
}

function meaningOfStatus({ http, resetSeconds }: Arrived): Meaning {
  if (http === 429) return { kind: 'rateLimit', resetSeconds };
  return http >= 400 && http < 500
    ? { kind: 'refused', name: 'Feishu.Rejected' }
    : { kind: 'transient' };
}

const conflictCodes = ['232140101', '232140100', '233523001'];

function conflictIn(message: unknown): boolean {
  const numbers = typeof message === 'string' ? message.match(/\d+/g) : null;
  return numbers?.some((number) => conflictCodes.includes(number)) ?? false;
}

/** Whatever stands where the notices stand counts as one, but for nothing at all. */
function noticesIn(extra: unknown): string[] {
  const notices = [extra ?? []].flat().flatMap((notice) => {
    if (typeof notice !== 'object') return String(notice).trim() || [];
    return Object.keys(notice ?? {}).length > 0 ? 'unreadable' : [];
  });
  return [...new Set(notices)];
}

/** What a header asks for, as far as it can be meant: seconds, and no more than an hour of them. */
function secondsIn(header: number | string | null): number {
  const text = String(header ?? '').trim();
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  return seconds <= 3600 ? seconds : 0;
}

function codeIn(json: unknown): number | undefined {
  const code = own(json, 'code');
  return typeof code === 'number' && Number.isSafeInteger(code) ? code : undefined;
}

function own(value: unknown, key: string): unknown {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import { createDecipheriv, createHash, timingSafeEqual } from 'node:crypto';
import * as z from 'zod/mini';
import { parseJson } from '../core/json.ts';

// How an event proves that it comes from Feishu: it is signed and encrypted with the app's encrypt key,
// and holds the app's verification token. A check of the URL is encrypted and not signed.

/** An event is delivered within seconds; one that is older was kept by somebody. */
const oldestMs = 5 * 60_000;

export type SignedRequest = {
  /** As they came: what was parsed and written again is other bytes. */
  body: Uint8Array;
  /** The headers of these names, without `x-lark-`. */
  signature: string | undefined;
  timestamp: string | undefined;
  nonce: string | undefined;
};

export type EventKeys = { encryptKey: string; verificationToken: string };

/** Why a request is refused. */
export type Distrust = 'unsigned' | 'forged' | 'stale' | 'unreadable' | 'wrong token';

export type Proof =
  | { kind: 'url_check'; challenge: string }
  /** When it was made, in milliseconds: before it was sent, which may be for the second time. */
  | { kind: 'event'; event: unknown; madeAt: number }
  | { kind: 'distrust'; why: Distrust };

/**
 * What a request says, once it has proved where it comes from.
 *
 * @see https://open.feishu.cn/document/ukTMukTMukTM/uYDNxYjL2QTM24iN0EjN/event-subscription-configure-/encrypt-key-encryption-configuration-case
 */
export function proveEvent(request: SignedRequest, keys: EventKeys, nowMs: number): Proof {
  const { timestamp, signature } = request;
  const isSigned = timestamp !== undefined && signature !== undefined;
  if (isSigned && !isSignatureRight(request, keys.encryptKey)) return distrust('forged');
  if (isSigned && isStale(timestamp, nowMs)) return distrust('stale');

  const content = decryptedContent(request.body, keys.encryptKey);
  if (!content.success) return distrust('unreadable');
  const { type, token, challenge, event, madeAt } = content.data;
  if (!isEqual(token, keys.verificationToken)) return distrust('wrong token');
  if (type === 'url_verification' && challenge) return { kind: 'url_check', challenge };
  if (!isSigned) return distrust('unsigned');
  const sentAt = Number(timestamp) * 1000;
  return { kind: 'event', event, madeAt: Math.min(madeAt ?? sentAt, sentAt + 999) };
}

/** Whether a request can be an event or a check of the URL at all, told without any key. */
export function mayBeProved({ body, timestamp }: SignedRequest, nowMs: number): boolean {
  return z.safeParse(encrypted, jsonOf(body)).success && !(timestamp && isStale(timestamp, nowMs));
}

function isSignatureRight(
  { body, signature = '', timestamp = '', nonce = '' }: SignedRequest,
  encryptKey: string,
): boolean {
  const expected = createHash('sha256')
    .update(timestamp + nonce + encryptKey)
    .update(body)
    .digest('hex');
  return isEqual(signature, expected);
}

/** Also one from the future: its hour may not have come, but will. */
function isStale(timestamp: string, nowMs: number): boolean {
  return !/^\d{1,12}$/.test(timestamp) || Math.abs(nowMs - Number(timestamp) * 1000) > oldestMs;
}

const encrypted = z.object({ encrypt: z.base64() });

/**
 * Nothing signs it, and it is repeated to whoever sent it: blocks of another message may have been put
 * into it, to be read there. That leaves bytes in it which are no plain text.
 */
const challenge = z.string().check(z.regex(/^[\x21-\x7e]{0,1000}$/));

/** Milliseconds from a number that Feishu writes as a text. */
const moment = (unitMs: number) =>
  z.catch(
    z.optional(
      z.pipe(
        z.string().check(z.regex(/^\d{1,16}(\.\d{1,9})?$/)),
        z.transform((text) => Math.floor(Number(text) * unitMs)),
      ),
    ),
    undefined,
  );

/** Both generations of events, in one shape. */
const eventContent = z.union([
  z.pipe(
    z.object({
      type: z.string(),
      token: z.string(),
      challenge: z.optional(challenge),
      ts: moment(1000),
      event: z.optional(z.unknown()),
    }),
    z.transform(({ ts: madeAt, ...content }) => ({ ...content, madeAt })),
  ),
  z.pipe(
    z.object({
      header: z.object({ event_type: z.string(), token: z.string(), create_time: moment(1) }),
      event: z.record(z.string(), z.unknown()),
    }),
    z.transform(({ header, event }) => ({
      type: 'event_callback',
      token: header.token,
      challenge: undefined,
      event: { ...event, type: header.event_type },
      madeAt: header.create_time,
    })),
  ),
]);

/** The first 16 bytes are the initialisation vector, the key is the SHA-256 of the encrypt key. */
function decryptedContent(body: Uint8Array, encryptKey: string) {
  const outer = z.safeParse(encrypted, jsonOf(body));
  const bytes = Buffer.from(outer.data?.encrypt ?? '', 'base64');
  const key = createHash('sha256').update(encryptKey).digest();
  try {
    const decipher = createDecipheriv('aes-256-cbc', key, bytes.subarray(0, 16));
    const text = Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]);
    return z.safeParse(eventContent, parseJson(text.toString('utf8')));
  } catch {
    // encrypted with another key, or cut short
    return z.safeParse(eventContent, undefined);
  }
}

function jsonOf(body: Uint8Array): unknown {
  return parseJson(Buffer.from(body).toString('utf8'));
}

/** Takes as long whatever differs. */
function isEqual(one: string, other: string): boolean {
  const [hashOfOne, hashOfOther] = [one, other].map((text) =>
    createHash('sha256').update(text).digest(),
  ) as [Buffer, Buffer];
  return timingSafeEqual(hashOfOne, hashOfOther);
}

function distrust(why: Distrust): Proof {
  return { kind: 'distrust', why };
}

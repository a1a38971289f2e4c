import { createCipheriv, createHash, randomBytes, randomUUID } from 'node:crypto';
import type { IsvApp } from './apps.ts';

/** The body of an encrypted event. Each call takes another IV. */
export function encryptEvent(event: unknown, encryptKey: string): string {
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', sha256(encryptKey).digest(), iv);
  const encrypted = [iv, cipher.update(JSON.stringify(event)), cipher.final()];
  return JSON.stringify({ encrypt: Buffer.concat(encrypted).toString('base64') });
}

/** The headers that prove where a body comes from. `timestamp` in seconds. */
export function signedHeaders(
  body: string,
  encryptKey: string,
  { timestamp, nonce }: { timestamp: number | string; nonce: string },
) {
  return {
    'x-lark-request-timestamp': String(timestamp),
    'x-lark-request-nonce': nonce,
    'x-lark-signature': sha256(`${timestamp}${nonce}${encryptKey}${body}`).digest('hex'),
  };
}

/** The encrypted body with which Feishu checks an event URL. It comes without a signature. */
export function urlCheck(verificationToken: string, encryptKey: string, challenge: string): string {
  const check = { challenge, token: verificationToken, type: 'url_verification' };
  return encryptEvent(check, encryptKey);
}

/** An `app_ticket` event, of version 1.0 of events. `sentAt` in milliseconds. */
export function appTicketEvent(app: IsvApp, ticket: string, sentAt: number) {
  return {
    ts: (sentAt / 1000).toFixed(7),
    uuid: randomUUID().replaceAll('-', ''),
    token: app.verificationToken,
    type: 'event_callback',
    event: { app_id: app.appId, app_ticket: ticket, type: 'app_ticket' },
  };
}

const sha256 = (content: string) => createHash('sha256').update(content);

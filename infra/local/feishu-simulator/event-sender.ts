import { randomBytes } from 'node:crypto';
import { Agent, request } from 'undici';
import type { IsvApp } from './apps.ts';
import { appTicketEvent, encryptEvent, signedHeaders, urlCheck } from './events.ts';

export type UrlCheck = { status: number; challenge: unknown; milliseconds: number };

/** Sends events to the apps' own URLs, once each: Feishu's later attempts are left out. */
export function createEventSender(now: () => number) {
  // events are rare, and an open connection would keep the app's server from closing
  const agent = new Agent({ pipelining: 0 });
  let sentAt = 0;

  async function post(app: IsvApp, body: string, headers: Record<string, string> = {}) {
    if (!app.eventUrl) throw new Error(`The app ${app.appId} has no event URL.`);
    const answer = await request(app.eventUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
      body,
      dispatcher: agent,
      // how long Feishu waits
      signal: AbortSignal.timeout(3000),
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  }

  async function sendAppTicket(app: IsvApp, ticket: string): Promise<number> {
    // a microsecond on, so that `ts` tells the order of events even on a clock that stands still
    sentAt = Math.max(now(), sentAt + 0.001);
    const body = encryptEvent(appTicketEvent(app, ticket, sentAt), app.encryptKey);
    const stamp = { timestamp: Math.floor(sentAt / 1000), nonce: randomBytes(8).toString('hex') };
    return (await post(app, body, signedHeaders(body, app.encryptKey, stamp))).status;
  }

  async function checkUrl(app: IsvApp): Promise<UrlCheck> {
    const body = urlCheck(app.verificationToken, app.encryptKey, randomBytes(16).toString('hex'));
    const startedAt = performance.now();
    const { status, text } = await post(app, body);
    return { status, challenge: challengeIn(text), milliseconds: performance.now() - startedAt };
  }

  return { sendAppTicket, checkUrl, close: () => agent.destroy() };
}

function challengeIn(text: string): unknown {
  try {
    return Object(JSON.parse(text)).challenge;
  } catch {
    return undefined;
  }
}

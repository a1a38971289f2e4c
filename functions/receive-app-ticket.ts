import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context,
} from 'aws-lambda';
import { jsonAnswer } from './api/answers.ts';
import { Problem, problemAnswer } from './api/problem.ts';
import { type AppTicketStore, appTicketStore } from './credentials/app-ticket-store.ts';
import { awsSecretsOnDemand } from './credentials/secret-store-on-demand.ts';
import { appIdPattern } from './credentials/secret-text.ts';
import { type TicketConfig, ticketConfig } from './credentials-config.ts';
import { type AppTicket, appTicketHandedOn, appTicketIn } from './events/app-ticket-event.ts';
import { mayBeProved, proveEvent, type SignedRequest } from './events/event-proof.ts';

export type TicketDependencies = {
  config: Pick<TicketConfig, 'isPublic' | 'isPrivate'>;
  store: AppTicketStore;
  /** Milliseconds. */
  now: () => number;
  /** Told of whatever is received, without any secret. */
  log?: (entry: Record<string, unknown>) => void;
};

type Remaining = Pick<Context, 'getRemainingTimeInMillis'>;

/** Feishu's events have a few hundred bytes. */
const longestBody = 64 * 1024;

/** What an answer needs after the last request. */
const reserveMs = 500;

/**
 * Keeps the newest `app_ticket` of store apps. Two ways in: Feishu's own events over
 * `POST /feishu/events/{app_id}`, which prove themselves, and `{app_id, app_ticket}` from an event server
 * that may invoke this function (IAM has said so).
 */
export function receiveAppTicket({ config, store, now, log = () => {} }: TicketDependencies) {
  async function receiveEvent(
    event: APIGatewayProxyEventV2,
    deadline: number,
  ): Promise<APIGatewayProxyStructuredResultV2> {
    const appId = event.pathParameters?.app_id ?? '';
    if (!config.isPublic || !appIdPattern.test(appId))
      throw new Problem(404, 'There is no such app.');
    const request = signedRequest(event);
    if (request.body.length > longestBody) {
      throw new Problem(413, `An event has at most ${longestBody} bytes.`);
    }
    if (!mayBeProved(request, now())) throw refuse(appId, 'unreadable or stale');

    const app = await store.find(appId, deadline);
    if (app.kind === 'fault') throw unavailable(appId, app.fault);
    if (app.kind === 'unknown_app') throw refuse(appId, app.reason);
    const { encryptKey, verificationToken } = app.value;
    if (encryptKey === undefined || verificationToken === undefined) {
      throw refuse(appId, 'its secret lacks encrypt_key or verification_token');
    }

    const proof = proveEvent(request, { encryptKey, verificationToken }, now());
    if (proof.kind === 'distrust') throw refuse(appId, proof.why);
    if (proof.kind === 'url_check') {
      log({ message: 'url check', app_id: appId });
      return jsonAnswer(200, { challenge: proof.challenge });
    }
    const ticket = appTicketIn(proof.event, proof.madeAt);
    // another event of the app's: nothing to do for it here
    if (!ticket) return jsonAnswer(200, {});
    if (ticket.appId !== appId) throw refuse(appId, 'the event is of another app');
    const stored = await store.store(ticket, deadline);
    if (stored.kind === 'fault') throw unavailable(appId, stored.fault);
    log({ message: 'app_ticket', app_id: appId, outcome: stored.kind });
    return jsonAnswer(200, {});
  }

  async function takeTicket(ticket: AppTicket, deadline: number): Promise<{ stored: boolean }> {
    const stored = await store.store(ticket, deadline);
    if (stored.kind === 'fault') {
      throw new Error(`The app_ticket could not be stored (${stored.fault}): hand it on again.`);
    }
    if (stored.kind === 'unknown_app') {
      throw new Error(`The app_ticket cannot be stored: ${stored.reason}.`);
    }
    log({ message: 'app_ticket', app_id: ticket.appId, outcome: stored.kind });
    return { stored: stored.kind === 'stored' };
  }

  /** Whoever is refused is not told why; the log is. */
  function refuse(appId: string, why: string): Problem {
    log({ message: 'event refused', app_id: appId, reason: why });
    return new Problem(401, 'The event has not proved where it comes from.');
  }

  function unavailable(appId: string, fault: string): Problem {
    log({ message: 'no access to the secret', app_id: appId, reason: fault });
    return new Problem(503, 'The event cannot be taken now: send it again.', {
      headers: { 'retry-after': '5' },
    });
  }

  return async (
    event: unknown,
    context: Remaining,
  ): Promise<APIGatewayProxyStructuredResultV2 | { stored: boolean }> => {
    const deadline = now() + context.getRemainingTimeInMillis() - reserveMs;
    if (!isHttpEvent(event)) {
      if (!config.isPrivate) throw new Error('Tickets are taken from events alone (appTickets).');
      return takeTicket(appTicketHandedOn(event, now()), deadline);
    }
    try {
      return await receiveEvent(event, deadline);
    } catch (error) {
      if (error instanceof Problem) return problemAnswer(error);
      throw error;
    }
  };
}

function isHttpEvent(event: unknown): event is APIGatewayProxyEventV2 {
  return typeof event === 'object' && event !== null && 'requestContext' in event;
}

/** API Gateway passes JSON on as text, and writes the names of headers small. */
function signedRequest({
  body = '',
  isBase64Encoded,
  headers,
}: APIGatewayProxyEventV2): SignedRequest {
  return {
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
    signature: headers['x-lark-signature'],
    timestamp: headers['x-lark-request-timestamp'],
    nonce: headers['x-lark-request-nonce'],
  };
}

let bound: ReturnType<typeof receiveAppTicket> | undefined;

/** The function as AWS runs it. */
export const handler = async (event: unknown, context: Remaining) => {
  bound ??= bindToAws(ticketConfig());
  return bound(event, context);
};

function bindToAws(config: TicketConfig) {
  const { versions } = awsSecretsOnDemand();
  const store = appTicketStore(config.profileSecretPrefix, versions);
  return receiveAppTicket({ config, store, now: Date.now, log: (entry) => console.info(entry) });
}

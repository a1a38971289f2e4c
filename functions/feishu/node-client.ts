import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import './tls-first.ts';
import {
  AnswerTooLong,
  type ClientOptions,
  type Delivery,
  type Exchange,
  type ExchangeOptions,
  type Head,
  type HttpClient,
  textOf,
} from './exchange.ts';

/** Over the client that Node has compiled before it starts. Keeps its connections for further requests. */
export function nodeClient({ mostConnections, keptMs, longestBody }: ClientOptions): HttpClient {
  const agents: Agent[] = [];
  const over = (name: 'node:http' | 'node:https') =>
    onFirstUse(() => {
      // an import would load, with all that it names, Node's WebSocket and fetch
      const { Agent, request } = process.getBuiltinModule(name);
      const agent = new Agent({
        keepAlive: true,
        maxSockets: mostConnections,
        timeout: keptMs,
        // over TLS: no other HTTP
        ...{ ALPNProtocols: ['http/1.1'] },
      });
      agents.push(agent);
      return { agent, request };
    });
  const http = over('node:http');
  const https = over('node:https');

  return {
    exchange(url, { method, headers, body, milliseconds }) {
      const { agent, request } = url.startsWith('https:') ? https() : http();
      const send = () => request(url, { agent, method, headers }).end(body ?? undefined);
      return exchange(send, { agent, milliseconds, longestBody });
    },
    async destroy() {
      for (const agent of agents) agent.destroy();
    },
  };
}

function onFirstUse<Made>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function exchange(
  send: () => ClientRequest,
  {
    agent,
    milliseconds,
    longestBody,
  }: { agent: Agent; longestBody: number } & Pick<ExchangeOptions, 'milliseconds'>,
): Promise<Exchange> {
  return new Promise((resolve) => {
    let delivery: Delivery = 'unsent';
    let answer: IncomingMessage | undefined;
    let sent: ClientRequest | undefined;

    const timer = setTimeout(() => fail(new DOMException('', 'TimeoutError')), milliseconds);

    function fail(error: unknown) {
      clearTimeout(timer);
      sent?.destroy();
      // one that had died while it was idle: the others have been idle as long
      if (delivery === 'unsure') closeIdle(agent);
      resolve({ head: answer && headOf(answer), error, delivery });
    }

    try {
      sent = send();
    } catch (error) {
      return fail(error);
    }
    sent.on('socket', (socket) => {
      delivery = isOpening(socket) ? 'unsent' : 'unsure';
      socket.once('encrypted' in socket ? 'secureConnect' : 'connect', signOfLife);
    });
    sent.on('information', signOfLife);
    sent.on('response', read);
    sent.on('error', (error) => {
      // what comes after the whole of an answer is none of it
      if (!answer?.complete) fail(error);
    });

    function signOfLife() {
      delivery = 'sent';
    }

    function read(incoming: IncomingMessage) {
      answer = incoming;
      signOfLife();
      const chunks: Buffer[] = [];
      let bytes = 0;
      incoming.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > longestBody) fail(new AnswerTooLong(`more than ${longestBody} bytes`));
        else chunks.push(chunk);
      });
      incoming.on('error', fail);
      incoming.on('end', () => {
        clearTimeout(timer);
        resolve({ ...headOf(incoming), body: textOf(chunks) });
      });
    }
  });
}

function isOpening(socket: Socket): boolean {
  return 'secureConnecting' in socket ? socket.secureConnecting === true : socket.connecting;
}

function closeIdle({ freeSockets }: Agent): void {
  for (const socket of Object.values(freeSockets).flat()) socket?.destroy();
}

function headOf({ statusCode = 0, headers }: IncomingMessage): Head {
  return { httpStatus: statusCode, headers };
}

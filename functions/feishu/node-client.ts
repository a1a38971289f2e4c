import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { AgentOptions } from 'node:https';
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
  isDeadSocket,
  textOf,
} from './exchange.ts';

/** Over the client that Node has compiled before it starts. Keeps its connections for further requests. */
export function nodeClient({ mostConnections, keptMs, longestBody }: ClientOptions): HttpClient {
  const options: AgentOptions = {
    keepAlive: true,
    maxSockets: mostConnections,
    timeout: keptMs,
    ALPNProtocols: ['http/1.1'],
  };
  const agents: Agent[] = [];
  const over = (name: 'node:http' | 'node:https') =>
    onFirstUse(() => {
      // an import would load, with all that it names, Node's WebSocket and fetch
      const { Agent, request } = process.getBuiltinModule(name);
      const agent = new Agent(options);
      agents.push(agent);
      return { agent, request };
    });
  const http = over('node:http');
  const https = over('node:https');

  return {
    async exchange(url, { method, headers, body, milliseconds }) {
      const { agent, request } = url.startsWith('https:') ? https() : http();
      const send = () => request(url, { agent, method, headers }).end(body ?? undefined);
      const exchanged = await exchange(send, { milliseconds, longestBody });
      const isDead = 'error' in exchanged && isDeadSocket(exchanged.error);
      // the others have been idle as long
      if (isDead && exchanged.delivery === 'unsure') closeIdle(agent, url);
      return exchanged;
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
    milliseconds,
    longestBody,
  }: Pick<ExchangeOptions & ClientOptions, 'milliseconds' | 'longestBody'>,
): Promise<Exchange> {
  return new Promise((resolve) => {
    let delivery: Delivery = 'unsent';
    let answer: IncomingMessage | undefined;
    let sent: ClientRequest | undefined;
    let bytesBefore = 0;

    const timer = setTimeout(() => fail(new DOMException('', 'TimeoutError')), milliseconds);

    function fail(error: unknown) {
      clearTimeout(timer);
      if (delivery === 'unsure' && sent?.socket?.bytesRead !== bytesBefore) delivery = 'sent';
      sent?.destroy();
      resolve({ head: answer && headOf(answer), error, delivery });
    }

    try {
      sent = send();
    } catch (error) {
      return fail(error);
    }
    sent.on('socket', (socket) => {
      bytesBefore = socket.bytesRead;
      if (isOpening(socket)) {
        socket.once('encrypted' in socket ? 'secureConnect' : 'connect', signOfLife);
      } else delivery = 'unsure';
    });
    sent.on('information', signOfLife);
    sent.on('upgrade', (_answer, socket) => {
      signOfLife();
      socket.destroy();
      fail(new Error('another protocol than was asked for'));
    });
    sent.on('response', read);
    // what comes after the whole of an answer is none of it
    sent.on('error', (error) => {
      if (!answer?.complete) fail(error);
    });
    // whatever else may be the end of it without an answer
    sent.on('close', () => {
      if (!answer) fail(new Error('the connection was closed'));
    });

    function signOfLife() {
      delivery = 'sent';
    }

    function read(incoming: IncomingMessage) {
      signOfLife();
      const { statusCode = 0 } = incoming;
      if (statusCode < 200)
        return fail(new Error(`HTTP status ${statusCode} instead of an answer`));
      answer = incoming;
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

function closeIdle({ freeSockets }: Agent, url: string): void {
  const { hostname, port, protocol } = new URL(url);
  const to = `${hostname.replace(/^\[|\]$/g, '')}:${port || (protocol === 'https:' ? 443 : 80)}:`;
  for (const [name, sockets] of Object.entries(freeSockets)) {
    if (name.startsWith(to)) for (const socket of sockets ?? []) socket.destroy();
  }
}

/** A header that comes twice has two values, as with undici. */
function headOf({ statusCode = 0, headersDistinct }: IncomingMessage): Head {
  const headers = Object.entries(headersDistinct).map(([name, values = []]) => [
    name,
    values.length === 1 ? values[0] : values,
  ]);
  return { httpStatus: statusCode, headers: Object.fromEntries(headers) };
}

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Request } from './api.ts';
import { HangUp, ServiceFault } from './service-fault.ts';
import type { SecretsStore } from './store.ts';

const targetPrefix = 'secretsmanager.';

async function answer(store: SecretsStore, message: IncomingMessage): Promise<object> {
  const body = await text(message);
  const target = String(message.headers['x-amz-target'] ?? '');
  const operation = target.startsWith(targetPrefix) ? target.slice(targetPrefix.length) : '';
  if (!store.isOperation(operation)) {
    throw new ServiceFault('UnknownOperationException', `Unknown operation '${operation}'`);
  }
  return store.call(operation, readRequest(body) as never);
}

function readRequest(body: string): Request {
  let request: unknown;
  try {
    request = JSON.parse(body);
  } catch {
    throw new ServiceFault('SerializationException', 'The request is not JSON');
  }
  if (typeof request === 'object' && request !== null && !Array.isArray(request)) {
    return request as Request;
  }
  throw new ServiceFault('SerializationException', 'The request is not a JSON object');
}

/** AWS writes times as seconds, with their fractions. */
function withSeconds(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(withSeconds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withSeconds(item)]));
}

function reply(response: ServerResponse, status: number, body: object) {
  const json = JSON.stringify(withSeconds(body));
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.1',
    'content-length': Buffer.byteLength(json),
    'x-amzn-requestid': randomUUID(),
  });
  response.end(json);
}

function replyError(response: ServerResponse, error: unknown) {
  if (error instanceof HangUp) return void response.socket?.destroy();
  if (error instanceof ServiceFault) {
    return reply(response, error.status, { __type: error.name, Message: error.message });
  }
  return reply(response, 500, { __type: 'InternalFailure', Message: String(error) });
}

/** Serves a store with the AWS JSON 1.1 protocol on the loopback interface. */
export async function serveStore(store: SecretsStore, port: number) {
  const server = createServer((message, response) => {
    answer(store, message).then(
      (body) => reply(response, 200, body),
      (error: unknown) => replyError(response, error),
    );
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: boundPort } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${boundPort}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isObject } from '../../functions/core/json.ts';

// AWS's JSON protocols, as far as the SDK's clients see them, for services that run in this process.

/** An input as it comes: of which nothing is known yet. */
export type Request = Record<string, unknown>;

/** A refusal of the service. `name` is what AWS calls it, as on the SDK's errors. */
export class ServiceFault extends Error {
  readonly status: number;

  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

/** Instead of an answer, the connection ends. */
export class HangUp extends Error {
  override readonly name = 'HangUp';
}

export type AwsJsonService = {
  version: '1.0' | '1.1';
  /** What stands before the operation's name in `X-Amz-Target`. */
  targetPrefix: string;
  /** What the service writes before the name of a refusal, and what it calls its message. */
  namespaceOf?: (fault: string) => string | undefined;
  messageKey: 'message' | 'Message';
  /** Answers a request of the operation, or throws a fault. `readRequest` reads the body. */
  answer(operation: string, readRequest: () => Promise<Request>): Promise<object>;
};

/** Serves a service on the loopback interface. */
export async function serveAwsJson(service: AwsJsonService, port: number) {
  const { version, targetPrefix, namespaceOf, messageKey, answer } = service;

  function reply(response: ServerResponse, status: number, body: object) {
    const text = JSON.stringify(withSeconds(body));
    response.writeHead(status, {
      'content-type': `application/x-amz-json-${version}`,
      'content-length': Buffer.byteLength(text),
      'x-amzn-requestid': randomUUID(),
    });
    response.end(text);
  }

  function refuse(response: ServerResponse, error: unknown) {
    if (error instanceof HangUp) return void response.socket?.destroy();
    const fault =
      error instanceof ServiceFault
        ? error
        : new ServiceFault('InternalFailure', String(error), 500);
    const namespace = namespaceOf?.(fault.name);
    reply(response, fault.status, {
      __type: namespace ? `${namespace}#${fault.name}` : fault.name,
      [messageKey]: fault.message,
    });
  }

  const server = createServer((message, response) => {
    const target = String(message.headers['x-amz-target'] ?? '');
    const operation = target.startsWith(targetPrefix) ? target.slice(targetPrefix.length) : '';
    answer(operation, () => readRequest(message)).then(
      (body) => reply(response, 200, body),
      (error: unknown) => refuse(response, error),
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

export function unknownOperation(name: string): never {
  throw new ServiceFault('UnknownOperationException', `Unknown operation '${name}'`);
}

const maxBodyBytes = 1024 * 1024;

async function readRequest(message: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    size += chunk.length;
    if (size <= maxBodyBytes) chunks.push(chunk);
  }
  if (size > maxBodyBytes) throw unreadable(`The request is over ${maxBodyBytes} bytes`);
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw unreadable('The request is not JSON');
  }
  if (!isObject(body)) throw unreadable('The request is not a JSON object');
  return { ...body };
}

function unreadable(message: string): ServiceFault {
  return new ServiceFault('SerializationException', message);
}

/** AWS writes times as seconds, with their fractions. */
function withSeconds(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(withSeconds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withSeconds(item)]));
}

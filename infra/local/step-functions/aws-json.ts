import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Request } from './request-fields.ts';
import { ServiceFault } from './service-fault.ts';

/** Answers a request of the operation, or throws a fault. `readRequest` reads the body. */
export type Answer = (operation: string, readRequest: () => Promise<Request>) => Promise<object>;

const targetPrefix = 'AWSStepFunctions.';
const maxBodyBytes = 1024 * 1024;

async function readRequest(message: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    size += chunk.length;
    if (size <= maxBodyBytes) chunks.push(chunk);
  }
  if (size > maxBodyBytes) {
    throw new ServiceFault('SerializationException', `The request is over ${maxBodyBytes} bytes`);
  }
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new ServiceFault('SerializationException', 'The request is not JSON');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new ServiceFault('SerializationException', 'The request is not a JSON object');
  }
  return body as Request;
}

function reply(response: ServerResponse, status: number, body: object) {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': Buffer.byteLength(text),
    'x-amzn-requestid': randomUUID(),
  });
  response.end(text);
}

function replyError(response: ServerResponse, error: unknown) {
  if (error instanceof ServiceFault) {
    reply(response, 400, { __type: error.type, message: error.message });
  } else {
    reply(response, 500, { __type: 'InternalFailure', message: String(error) });
  }
}

/** Serves the AWS JSON 1.0 protocol on the loopback interface. */
export async function startServer(answer: Answer, port: number) {
  const server = createServer((message, response) => {
    const target = String(message.headers['x-amz-target'] ?? '');
    const operation = target.startsWith(targetPrefix) ? target.slice(targetPrefix.length) : '';
    answer(operation, () => readRequest(message)).then(
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

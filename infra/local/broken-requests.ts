import { type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { gatewayAnswer } from './gateway-refusals.ts';

const statusOf: Record<string, number> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Answers what is no HTTP, or none for us, where Node would leave the body empty or just hang up. */
export function answerBrokenRequests(server: Server): void {
  const responses = new WeakMap<Duplex, ServerResponse>();
  server.on('request', ({ socket }, response) => responses.set(socket, response));

  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const isAnswered = responses.get(socket)?.headersSent && !socket.writableFinished;
    if (isAnswered || !socket.writable) return void socket.destroy();
    refuse(socket, statusOf[error.code ?? ''] ?? 400);
  });
  server.on('connect', (_, socket) => refuse(socket, 400));
  server.on('checkExpectation', (_, response: ServerResponse) => {
    const { statusCode, headers, body } = gatewayAnswer(417, 'Expectation Failed');
    // whoever expects something may not send the body before it comes
    response.writeHead(Number(statusCode), { ...headers, connection: 'close' } as never).end(body);
  });
}

function refuse(socket: Duplex, status: number): void {
  const { headers = {}, body = '' } = gatewayAnswer(status, String(STATUS_CODES[status]));
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { startLocalApi } from '../../infra/local/api-gateway.ts';
import { exchange } from '../raw-exchange.ts';

async function startApi(answer = async () => ({ statusCode: 204 })) {
  const { url, close } = await startLocalApi({ $default: answer });
  onTestFinished(close);
  return url;
}

const host = 'host: localhost\r\n';

test.for([
  [400, 'Bad Request', `GET / HTTP/1.1\r\n${host}a\r\n\r\n`],
  [400, 'Bad Request', `CONNECT localhost:80 HTTP/1.1\r\n${host}\r\n`],
  [
    413,
    'Payload Too Large',
    `POST / HTTP/1.1\r\n${host}transfer-encoding: chunked\r\n\r\n1;${'a'.repeat(20_000)}\r\n`,
  ],
  [417, 'Expectation Failed', `POST / HTTP/1.1\r\n${host}expect: wonders\r\n\r\n`],
  [
    431,
    'Request Header Fields Too Large',
    `GET / HTTP/1.1\r\n${host}a: ${'b'.repeat(20_000)}\r\n\r\n`,
  ],
] as const)('says %i in the shape of all its own answers, and hangs up', async (row) => {
  const [status, message, bytes] = row;

  const [answer, ...others] = await exchange(await startApi(), bytes);

  expect(answer).toMatchObject({
    status,
    headers: { 'content-type': 'application/json', connection: 'close' },
  });
  expect(JSON.parse(answer?.body ?? '')).toEqual({ message });
  expect(others).toEqual([]);
});

test('takes the expectation that clients do have', async () => {
  const request = `POST / HTTP/1.1\r\n${host}expect: 100-continue\r\nconnection: close\r\n\r\n`;

  expect(await exchange(await startApi(), request)).toMatchObject([{ status: 204 }]);
});

test('says nothing more where an answer is on its way', async () => {
  const answering = Promise.withResolvers<void>();
  const body = 'x'.repeat(64 * 1024 * 1024);
  const url = await startApi(async () => {
    answering.resolve();
    return { statusCode: 200, body };
  });
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(`GET / HTTP/1.1\r\n${host}\r\n`);
  await answering.promise;
  await new Promise((resolve) => setTimeout(resolve, 20));

  socket.write('no request\r\n\r\n');

  const read = buffer(socket).then(
    (bytes) => bytes.toString('latin1'),
    () => '',
  );
  expect((await read).match(/^HTTP\/1\.1 /gm)?.length ?? 0).toBeLessThan(2);
});

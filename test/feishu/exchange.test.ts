import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildConnector, request } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
import { httpClient } from '../../functions/feishu/exchange.ts';

async function start(listener: RequestListener) {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = httpClient();
  onTestFinished(async () => {
    await client.destroy();
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a?b=c`;
  return { url, client };
}

const get = { method: 'GET', headers: {}, body: null, milliseconds: 2000 } as const;

test.for([
  { ...get },
  { ...get, method: 'POST', body: '{"app_id":"cli"}', headers: { 'content-type': 'text/x' } },
] as const)("answers as undici's own request does: %j", async (options) => {
  const { url, client } = await start(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request)).toString();
    const { method, url, headers } = request;
    response.writeHead(418, { 'x-tt-logid': '2026', date: 'today' });
    response.write('{');
    response.end(JSON.stringify({ method, url, body, type: headers['content-type'] }));
  });
  const { method, headers, body } = options;
  const own = await request(url, { method, headers, body });

  expect(await client.exchange(url, options)).toEqual({
    httpStatus: own.statusCode,
    headers: own.headers,
    body: await own.body.text(),
  });
});

test('overlooks a mark before the text, and that the answer is on its way', async () => {
  const { url, client } = await start((_request, response) => {
    response.writeProcessing();
    response.end('\uFEFF{"code":0}');
  });

  expect(await client.exchange(url, get)).toMatchObject({ httpStatus: 200, body: '{"code":0}' });
});

test('reads an answer without a body', async () => {
  const { url, client } = await start((_request, response) => response.writeHead(204).end());

  expect(await client.exchange(url, get)).toMatchObject({ httpStatus: 204, body: '' });
});

test('ends when the time is up, also after the headers, and closes the connection', async () => {
  const closed = Promise.withResolvers<void>();
  const { url, client } = await start((request, response) => {
    request.once('close', closed.resolve);
    response.writeHead(200).write('{');
  });

  expect(await client.exchange(url, { ...get, milliseconds: 50 })).toMatchObject({
    head: { httpStatus: 200 },
    error: { name: 'TimeoutError' },
  });
  await closed.promise;
});

test('ends when the time is up before there is a connection', async () => {
  const never = httpClient({ connect: () => {} });

  expect(await never.exchange('http://127.0.0.1:9', { ...get, milliseconds: 30 })).toEqual({
    error: expect.objectContaining({ name: 'TimeoutError' }),
    delivery: 'unsent',
  });
  await never.destroy();
});

test('sends nothing over a connection that came when the time was up', async () => {
  const requests: string[] = [];
  const { url, client } = await start(({ url = '' }, response) => {
    requests.push(url);
    response.end();
  });
  const connect = buildConnector({});
  const isThere = Promise.withResolvers<void>();
  const late = httpClient({
    connect: async (options, callback) => {
      await sleep(60);
      connect(options, callback);
      isThere.resolve();
    },
  });

  expect(await late.exchange(url, { ...get, milliseconds: 20 })).toMatchObject({
    delivery: 'unsent',
  });
  await isThere.promise;
  await client.exchange(url, get);
  await sleep(60);
  expect(requests).toEqual(['/a?b=c']);
  await late.destroy();
});

test('leaves no timer behind, whether there was an answer or none', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((what) => what === 'Timeout').length;
  const { url, client } = await start(({ method }, response) =>
    method === 'GET' ? response.end() : response.destroy(),
  );
  const atFirst = timers();

  for (const method of ['GET', 'POST'] as const) {
    await client.exchange(url, { ...get, method, milliseconds: 60_000 });
    expect(timers()).toBeLessThanOrEqual(atFirst);
  }
});

test('tells of a request that cannot be made', async () => {
  const { url, client } = await start((_request, response) => response.end());

  expect(await client.exchange(url, { ...get, headers: { 'a b': '' } })).toMatchObject({
    error: { code: 'UND_ERR_INVALID_ARG' },
  });
});

test.for([
  ['a handshake that never ends', () => {}],
  [
    'a reset in the handshake',
    (socket: Socket) => void socket.once('data', () => socket.resetAndDestroy()),
  ],
] as const)('has sent nothing over %s', async ([, behave]) => {
  const server = createTcpServer(behave).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = httpClient();
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  expect(await client.exchange(url, { ...get, milliseconds: 100 })).toMatchObject({
    delivery: 'unsent',
  });
  await client.destroy();
  server.close();
});

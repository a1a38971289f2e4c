import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildConnector, request } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
import { exchange } from '../../functions/feishu/exchange.ts';
import { Agent } from '../../functions/feishu/undici.ts';

async function start(listener: RequestListener) {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = new Agent();
  onTestFinished(async () => {
    await agent.destroy();
    server.closeAllConnections();
    server.close();
  });
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/a?b=c`);
  return { url, agent };
}

const get = { method: 'GET', headers: {}, body: null, milliseconds: 2000 } as const;

test.for([
  { ...get },
  { ...get, method: 'POST', body: '{"app_id":"cli"}', headers: { 'content-type': 'text/x' } },
] as const)("answers as undici's own request does: %j", async (options) => {
  const { url, agent } = await start(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request)).toString();
    const { method, url, headers } = request;
    response.writeHead(418, { 'x-tt-logid': '2026', date: 'today' });
    response.write('{');
    response.end(JSON.stringify({ method, url, body, type: headers['content-type'] }));
  });
  const { method, headers, body } = options;
  const own = await request(url, { dispatcher: agent, method, headers, body });

  expect(await exchange(agent, url, options)).toEqual({
    status: own.statusCode,
    headers: own.headers,
    body: await own.body.text(),
  });
});

test('overlooks a mark before the text, and that the answer is on its way', async () => {
  const { url, agent } = await start((_request, response) => {
    response.writeProcessing();
    response.end('\uFEFF{"code":0}');
  });

  expect(await exchange(agent, url, get)).toMatchObject({ status: 200, body: '{"code":0}' });
});

test('reads an answer without a body', async () => {
  const { url, agent } = await start((_request, response) => response.writeHead(204).end());

  expect(await exchange(agent, url, get)).toMatchObject({ status: 204, body: '' });
});

test('ends when the time is up, also after the headers, and closes the connection', async () => {
  const closed = Promise.withResolvers<void>();
  const { url, agent } = await start((request, response) => {
    request.once('close', closed.resolve);
    response.writeHead(200).write('{');
  });

  expect(await exchange(agent, url, { ...get, milliseconds: 50 })).toMatchObject({
    status: 200,
    error: { name: 'TimeoutError' },
  });
  await closed.promise;
});

test('ends when the time is up before there is a connection', async () => {
  const { url, agent } = await start((_request, response) => response.end());
  const never = new Agent({ connect: () => {} });

  expect(await exchange(never, url, { ...get, milliseconds: 30 })).toEqual({
    error: expect.objectContaining({ name: 'TimeoutError' }),
    unsent: true,
  });
  await never.destroy();
  await agent.close();
});

test('sends nothing over a connection that came when the time was up', async () => {
  const requests: string[] = [];
  const { url, agent } = await start(({ url = '' }, response) => {
    requests.push(url);
    response.end();
  });
  const connect = buildConnector({});
  const isThere = Promise.withResolvers<void>();
  const late = new Agent({
    connect: async (options, callback) => {
      await sleep(60);
      connect(options, callback);
      isThere.resolve();
    },
  });

  expect(await exchange(late, url, { ...get, milliseconds: 20 })).toMatchObject({ unsent: true });
  await isThere.promise;
  await exchange(agent, url, get);
  await sleep(60);
  expect(requests).toEqual(['/a?b=c']);
  await late.destroy();
});

test('leaves no timer behind, whether there was an answer or none', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((what) => what === 'Timeout').length;
  const { url, agent } = await start(({ method }, response) =>
    method === 'GET' ? response.end() : response.destroy(),
  );
  const atFirst = timers();

  for (const method of ['GET', 'POST'] as const) {
    await exchange(agent, url, { ...get, method, milliseconds: 60_000 });
    expect(timers()).toBeLessThanOrEqual(atFirst);
  }
});

test('tells of a request that cannot be made', async () => {
  const { url, agent } = await start((_request, response) => response.end());

  expect(await exchange(agent, url, { ...get, headers: { 'a b': '' } })).toMatchObject({
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
  const agent = new Agent();
  const url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`);

  expect(await exchange(agent, url, { ...get, milliseconds: 100 })).toMatchObject({ unsent: true });
  await agent.destroy();
  server.close();
});

import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { request } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ClientOptions } from '../../functions/feishu/exchange.ts';
import { nodeClient } from '../../functions/feishu/node-client.ts';
import { undiciClient } from '../../functions/feishu/undici-client.ts';

const usual: ClientOptions = {
  timeoutMs: 20_000,
  mostConnections: 128,
  keptMs: 4000,
  longestBody: 1000,
};

const get = { method: 'GET', headers: {}, body: null, milliseconds: 2000 } as const;

describe.each([
  ['Node', nodeClient],
  ['undici', undiciClient],
] as const)('over %s', (_name, makeClient) => {
  async function start(listener: RequestListener, options: Partial<ClientOptions> = {}) {
    const server = createServer(listener);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = makeClient({ ...usual, ...options });
    onTestFinished(async () => {
      await client.destroy();
      server.closeAllConnections();
      server.close();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a?b=c`;
    return { url, client };
  }

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

  test('reads a header that comes twice as two values', async () => {
    const { url, client } = await start((_request, response) =>
      response.writeHead(429, ['x-ogw-ratelimit-reset', '30', 'x-ogw-ratelimit-reset', '31']).end(),
    );

    expect(await client.exchange(url, get)).toMatchObject({
      headers: { 'x-ogw-ratelimit-reset': ['30', '31'] },
    });
  });

  test.for([
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\n\r\n',
  ])('knows at once that %j is no answer', async (text) => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(text));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = makeClient(usual);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const begun = performance.now();

    expect(await client.exchange(url, get)).toMatchObject({ error: expect.any(Error) });
    expect(performance.now() - begun).toBeLessThan(1000);
    await client.destroy();
    server.close();
  });

  test('leaves nothing behind on a connection that carries many requests', async () => {
    const sockets = new Set<unknown>();
    const { url, client } = await start(({ socket }, response) => {
      sockets.add(socket);
      response.end('{}');
    });
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on('warning', note);
    onTestFinished(() => void process.off('warning', note));

    for (let turn = 0; turn < 30; turn++) {
      await client.exchange(url, get);
      await new Promise(setImmediate);
      await new Promise(setImmediate);
    }

    expect(sockets.size).toBe(1);
    expect(warnings).toEqual([]);
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

  test('sends nothing over a connection that came when the time was up', async () => {
    const requests: string[] = [];
    const { url, client } = await start(
      ({ url = '' }, response) => {
        requests.push(url);
        setTimeout(() => response.end(), 60);
      },
      { mostConnections: 1 },
    );
    const first = client.exchange(url, get);

    expect(await client.exchange(`${url}&d`, { ...get, milliseconds: 20 })).toMatchObject({
      delivery: 'unsent',
    });
    expect(await first).toMatchObject({ httpStatus: 200 });
    await client.exchange(url, get);
    expect(requests).toEqual(['/a?b=c', '/a?b=c']);
  });

  test('leaves no timer behind, whether there was an answer or none', async () => {
    const timers = () =>
      process.getActiveResourcesInfo().filter((what) => what === 'Timeout').length;
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
      error: { code: expect.stringMatching(/INVALID/) },
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
    const client = makeClient(usual);
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;

    expect(await client.exchange(url, { ...get, milliseconds: 100 })).toMatchObject({
      delivery: 'unsent',
    });
    await client.destroy();
    server.close();
  });
});

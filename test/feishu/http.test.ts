import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type HttpRequest, httpSender } from '../../functions/feishu/http.ts';
import { nodeClient } from '../../functions/feishu/node-client.ts';
import { undiciClient } from '../../functions/feishu/undici-client.ts';
import { commitFault } from '../../infra/local/feishu-simulator/faults.ts';

/** A server that counts what reaches it. */
async function startServer(listener: RequestListener = (_, response) => void response.end('{}')) {
  const requests: { method: string; path: string; headers: object; socket: Socket }[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const { method = '', url: path = '', headers, socket } = request;
    requests.push({ method, path, headers, socket });
    listener(request, response);
  });
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    sockets,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A server below HTTP, which says what it is told as soon as it hears something. */
async function startSocketServer(listener: (socket: Socket, heard: Buffer) => void) {
  const sockets = new Set<Socket>();
  const server = createSocketServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', (heard) => listener(socket, heard));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    authority: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Answers the first request of a connection, and lets the later ones die before a byte comes back. */
const dieWhenReused = (die: (response: ServerResponse) => void): RequestListener => {
  const used = new Set<Socket>();
  return ({ socket }, response) => {
    if (used.has(socket)) return die(response);
    used.add(socket);
    return void response.end('{}');
  };
};

const reset = (response: ServerResponse) => void response.socket?.resetAndDestroy();
const close = (response: ServerResponse) => void response.socket?.destroy();

describe.each([
  ['Node', nodeClient],
  ['undici', undiciClient],
] as const)('over %s', (_name, makeClient) => {
  function startSender(timeoutMs = 2000, now = Date.now) {
    const send = httpSender({ timeoutMs, now, makeClient });
    return async (url: string, request: Partial<HttpRequest> = {}) => {
      const deadline = now() + 60_000;
      const answer = await send({ method: 'GET', url, headers: {}, deadline, ...request });
      // undici lends a connection out again two turns of the event loop later
      await sleep(5);
      return answer;
    };
  }

  test('brings back status, headers and body', async () => {
    await using server = await startServer((_, response) =>
      response.writeHead(404, { 'x-tt-logid': '2026', 'content-type': 'text/plain' }).end('飞书'),
    );

    expect(await startSender()(`${server.url}/a`)).toEqual({
      kind: 'http',
      httpStatus: 404,
      headers: expect.objectContaining({ 'x-tt-logid': '2026', 'content-type': 'text/plain' }),
      body: '飞书',
    });
  });

  test('sends method, path, headers and body', async () => {
    const bodies: string[] = [];
    await using server = await startServer((request, response) => {
      request.setEncoding('utf8').on('data', (body) => bodies.push(body));
      request.on('end', () => response.end());
    });

    await startSender()(`${server.url}/a?b=c`, {
      method: 'POST',
      headers: { authorization: 'Bearer t-7f1bcd13' },
      body: '{"飞":"书"}',
    });

    expect(server.requests).toMatchObject([
      { method: 'POST', path: '/a?b=c', headers: { authorization: 'Bearer t-7f1bcd13' } },
    ]);
    expect(bodies).toEqual(['{"飞":"书"}']);
  });

  test.for([301, 302, 303, 307, 308])(
    'does not take the Authorization header where a %i points',
    async (httpStatus) => {
      await using other = await startServer();
      await using server = await startServer((_, response) =>
        response.writeHead(httpStatus, { location: other.url }).end(),
      );

      const answer = await startSender()(server.url, { headers: { authorization: 'Bearer t-1' } });

      expect(answer).toMatchObject({ kind: 'http', httpStatus, body: '' });
      expect(other.requests).toEqual([]);
    },
  );

  test('reads past a byte order mark', async () => {
    await using server = await startServer((_, response) => response.end('\ufeff{"code":0}'));

    expect(await startSender()(server.url)).toMatchObject({ body: '{"code":0}' });
  });

  test('asks for no compression, and does not undo one that nobody asked for', async () => {
    await using server = await startServer((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"code":0}')),
    );

    const answer = await startSender()(server.url);

    expect(server.requests[0]?.headers).not.toHaveProperty('accept-encoding');
    expect(answer).toMatchObject({ kind: 'http', body: expect.not.stringContaining('code') });
  });

  test('brings back as much of a body as its content-length says', async () => {
    await using server = await startServer((_, response) => {
      response.socket?.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{"code":0}');
    });

    expect(await startSender()(server.url)).toMatchObject({ kind: 'http', body: '{"cod' });
  });

  test('has no answer where a body is shorter than its content-length says', async () => {
    await using server = await startServer((_, response) => {
      response.socket?.end('HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{"code":0}');
    });

    expect(await startSender()(server.url)).toMatchObject({
      kind: 'no_answer',
      reason: expect.stringMatching(
        /^(other side closed|aborted) \((UND_ERR_SOCKET|ECONNRESET)\)$/,
      ),
    });
  });

  test.for([
    ['a connection that drops before a byte', 'drop', /^(read ECONNRESET|other side closed) \(/],
    ['a body that breaks off', 'dropMidBody', /^(read ECONNRESET|other side closed|terminated) \(/],
    ['a body that never ends', 'endlessBody', /^an answer of more than 1048576 bytes$/],
  ] as const)('has no answer in %s, and knows so at once', async ([, fault, reason]) => {
    await using server = await startServer((_, response) => commitFault(response, fault));
    const startedAt = Date.now();

    const answer = await startSender(20_000)(server.url);

    expect(answer).toMatchObject({ kind: 'no_answer', reason: expect.stringMatching(reason) });
    expect(Date.now() - startedAt).toBeLessThan(5000);
    expect(server.requests).toHaveLength(1);
  });

  test.for(['silence', 'slowBody'] as const)(
    'waits for %s no longer than the timeout as a whole',
    async (fault) => {
      await using server = await startServer((_, response) => commitFault(response, fault));
      const startedAt = performance.now();

      const answer = await startSender(100)(server.url);

      expect(answer).toMatchObject({
        kind: 'no_answer',
        reason: 'no whole answer within 100 ms',
        reasonZh: '100 毫秒内未收到完整的响应',
      });
      expect(performance.now() - startedAt).toBeGreaterThan(90);
      expect(performance.now() - startedAt).toBeLessThan(1000);
    },
  );

  test.for([1050, 1050.5])(
    'waits at 1000 ms no longer than a deadline of %d ms',
    async (deadline) => {
      await using server = await startServer((_, response) => commitFault(response, 'silence'));

      expect(await startSender(20_000, () => 1000)(server.url, { deadline })).toMatchObject({
        kind: 'no_answer',
        reason: 'no whole answer within 50 ms',
      });
    },
  );

  test('still asks with a millisecond left', async () => {
    await using server = await startServer((_, response) => commitFault(response, 'silence'));

    expect(await startSender(2000, () => 1000)(server.url, { deadline: 1001 })).toMatchObject({
      kind: 'no_answer',
      reason: 'no whole answer within 1 ms',
    });
  });

  test.for([
    [400, { kind: 'http', httpStatus: 400, body: '' }],
    [502, { kind: 'http', httpStatus: 502, body: '' }],
    [399, { kind: 'no_answer', httpStatus: 399 }],
    [
      200,
      {
        kind: 'no_answer',
        httpStatus: 200,
        reason: 'an answer of more than 1048576 bytes',
        reasonZh: '响应超过 1048576 字节',
      },
    ],
  ] as const)(
    'takes what HTTP status %i says where the page is too long',
    async ([httpStatus, said]) => {
      await using server = await startServer((_, response) =>
        response.writeHead(httpStatus).end('x'.repeat(1024 * 1024 + 1)),
      );

      expect(await startSender()(server.url)).toMatchObject(said);
    },
  );

  test.for([1000, 999, 1000.5, 0, -1])(
    'sends nothing at 1000 ms where the deadline was %d ms',
    async (deadline) => {
      await using server = await startServer();

      expect(await startSender(2000, () => 1000)(server.url, { deadline })).toMatchObject({
        kind: 'no_answer',
        reason: 'there was no time left to ask',
        reasonZh: '已没有时间发起请求',
        unsent: true,
      });
      expect(server.requests).toEqual([]);
    },
  );

  test.for([
    [1024 * 1024, { kind: 'http' }],
    [
      1024 * 1024 + 1,
      {
        kind: 'no_answer',
        reason: 'an answer of more than 1048576 bytes',
        reasonZh: '响应超过 1048576 字节',
      },
    ],
  ] as const)('reads a body of %i bytes as %j', async ([length, answer]) => {
    await using server = await startServer((_, response) => response.end('x'.repeat(length)));

    expect(await startSender()(server.url)).toMatchObject(answer);
  });

  test.for(['127.0.0.1', 'localhost'])('names a refused connection to %s', async (host) => {
    const server = await startServer();
    await server[Symbol.asyncDispose]();

    expect(await startSender()(`http://${host}:${server.port}`)).toMatchObject({
      kind: 'no_answer',
      reason: expect.stringMatching(/^connect ECONNREFUSED .*\(ECONNREFUSED\)$/),
    });
  });

  test.for([
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['headers without an end', `HTTP/1.1 200 OK\r\n${'x-filler: x\r\n'.repeat(5000)}`],
    ['chunks that are none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
  ] as const)('has no answer in %s', async ([, said]) => {
    await using server = await startSocketServer((socket) => socket.write(said));

    const answer = await startSender()(`http://${server.authority}`);

    expect(answer).toMatchObject({ kind: 'no_answer', reason: expect.stringMatching(/^\w/) });
  });

  test('has no answer where TLS meets none', async () => {
    await using server = await startServer();

    expect(await startSender()(`https://127.0.0.1:${server.port}`)).toMatchObject({
      kind: 'no_answer',
    });
  });

  test('speaks HTTP/1.1 over TLS, and no HTTP/2', async () => {
    let hello = '';
    await using server = await startSocketServer((socket, heard) => {
      hello = heard.toString('latin1');
      socket.destroy();
    });

    await startSender()(`https://${server.authority}`);

    expect(hello).toContain('\x08http/1.1');
    expect(hello).not.toContain('\x02h2');
  });

  test.for(['Bearer t-7f1\nbcd13', 'Bearer t-7f1\u0000bcd13', 'Bearer t-7f1bcd13飞'])(
    'does not name the header that cannot be sent: %j',
    async (authorization) => {
      await using server = await startServer();

      expect(await startSender()(server.url, { headers: { authorization } })).toMatchObject({
        kind: 'no_answer',
        reason: expect.stringMatching(
          /^(invalid authorization header \(UND_ERR_INVALID_ARG\)|Invalid character in header content \["authorization"\] \(ERR_INVALID_CHAR\))$/,
        ),
      });
      expect(server.requests).toEqual([]);
    },
  );

  test('asks again over the same connection', async () => {
    await using server = await startServer();
    const send = startSender();

    for (const path of ['/1', '/2', '/3']) await send(server.url + path);

    expect(server.requests.map(({ path }) => path)).toEqual(['/1', '/2', '/3']);
    expect(server.sockets.size).toBe(1);
  });

  test('asks over the same connection as soon as it has the answer', async () => {
    await using server = await startServer();
    const send = httpSender({ timeoutMs: 2000, now: Date.now, makeClient });
    const deadline = Date.now() + 60_000;

    await send({ method: 'POST', url: server.url, headers: {}, body: '{}', deadline });
    await send({ method: 'GET', url: server.url, headers: {}, deadline });

    expect(server.requests).toHaveLength(2);
    expect(server.sockets.size).toBe(1);
  });

  test('sends what must be sent only once over a connection of its own, and keeps the others', async () => {
    await using server = await startServer();
    const send = startSender();
    await send(server.url);

    await send(server.url, { onlyOnce: true });
    await send(server.url);

    const [first, once, last] = server.requests.map(({ socket }) => socket);
    expect(once).not.toBe(first);
    expect(last).toBe(first);
  });

  test('closes the connection of a request that is sent only once', async () => {
    const closed = Promise.withResolvers<void>();
    await using server = await startServer(({ socket }, response) => {
      socket.once('close', closed.resolve);
      response.end('{}');
    });
    const send = httpSender({ timeoutMs: 2000, now: Date.now, makeClient });
    const deadline = Date.now() + 60_000;

    await send({
      method: 'POST',
      url: server.url,
      headers: {},
      body: '{}',
      deadline,
      onlyOnce: true,
    });

    // an idle one would be kept for four seconds
    const tooLate = sleep(2000, undefined, { ref: false });
    await Promise.race([closed.promise, tooLate.then(() => Promise.reject(new Error('open')))]);
    expect(server.sockets.size).toBe(1);
  });

  test('asks again over the same connection as soon as it was refused', async () => {
    await using server = await startServer((_, response) => void response.writeHead(400).end('{}'));
    const send = httpSender({ timeoutMs: 2000, now: Date.now, makeClient });
    const deadline = Date.now() + 60_000;

    for (const method of ['GET', 'POST', 'GET'] as const) {
      await send({ method, url: server.url, headers: {}, deadline });
    }

    expect(server.requests).toHaveLength(3);
    expect(server.sockets.size).toBe(1);
  });

  test('asks over the connections of one burst in the next', async () => {
    await using server = await startServer();
    const send = startSender();
    const burst = () => Promise.all(Array.from({ length: 20 }, () => send(server.url)));

    await burst();
    await burst();

    expect(server.requests).toHaveLength(40);
    expect(server.sockets.size).toBeLessThanOrEqual(20);
  });

  test.for([
    ['is reset', reset],
    ['is closed', close],
  ] as const)(
    'asks again over a new connection where a reused one %s before a byte came back',
    async ([, die]) => {
      await using server = await startServer(dieWhenReused(die));
      const send = startSender();
      await send(`${server.url}/1`);

      const answer = await send(`${server.url}/2`);

      expect(answer).toMatchObject({ kind: 'http', body: '{}', repeated: true });
      expect(server.requests.map(({ path }) => path)).toEqual(['/1', '/2', '/2']);
      expect(server.sockets.size).toBe(2);
    },
  );

  test('does not ask again where there was a second request already', async () => {
    await using server = await startServer(dieWhenReused(reset));
    const send = startSender();
    await send(server.url);

    expect(await send(server.url, { mayRepeat: false })).toMatchObject({ kind: 'no_answer' });
    expect(server.requests).toHaveLength(2);
  });

  test.for([
    ['is reset', reset],
    ['is closed', close],
  ] as const)(
    'asks again over a new connection where one of several idle ones %s',
    async ([, die]) => {
      await using server = await startServer(dieWhenReused(die));
      const send = startSender();
      await Promise.all([send(server.url), send(server.url), send(server.url)]);

      expect(await send(server.url)).toMatchObject({ kind: 'http' });
      expect(server.requests).toHaveLength(5);
      expect(server.sockets.size).toBe(4);
    },
  );

  test('asks again for each request of a burst whose idle connections have all died', async () => {
    await using server = await startServer(dieWhenReused(reset));
    const send = startSender();
    const burst = () => Promise.all(Array.from({ length: 20 }, () => send(server.url)));
    await burst();

    expect(await burst()).toEqual(Array(20).fill(expect.objectContaining({ kind: 'http' })));
    expect(server.requests).toHaveLength(60);
  });

  test('asks again over dead connections while others are opened', async () => {
    await using server = await startServer(dieWhenReused(reset));
    const send = startSender();
    const burst = (size: number) =>
      Promise.all(Array.from({ length: size }, () => send(server.url)));
    // more than there are idle connections, in a turn of the event loop that opens others as well
    for (let round = 0; round < 5; round++) {
      await burst(5);
      await sleep(1);

      expect(await burst(20)).toEqual(Array(20).fill(expect.objectContaining({ kind: 'http' })));
    }
  });

  test('does not ask again where a reused connection died after a sign of life', async () => {
    const answerOrDie = dieWhenReused((response) => {
      response.writeProcessing();
      setImmediate(() => reset(response));
    });
    await using server = await startServer(answerOrDie);
    const send = startSender();
    await send(server.url);

    expect(await send(server.url)).toEqual({
      kind: 'no_answer',
      reason: expect.stringContaining('ECONNRESET'),
    });
    expect(server.requests).toHaveLength(2);
  });

  test('sends a request with a body again, whole', async () => {
    const bodies: string[] = [];
    const answerOrDie = dieWhenReused(reset);
    await using server = await startServer((request, response) => {
      request.setEncoding('utf8').on('data', (body) => bodies.push(body));
      request.on('end', () => answerOrDie(request, response));
    });
    const send = startSender();
    const post = (body: string) => send(server.url, { method: 'POST', body });
    await post('1');

    expect(await post('2')).toMatchObject({ kind: 'http' });
    expect(bodies).toEqual(['1', '2', '2']);
  });

  test('does not ask again where a fresh connection died', async () => {
    await using server = await startServer((_, response) => reset(response));

    expect(await startSender()(server.url)).toMatchObject({ kind: 'no_answer' });
    expect(server.requests).toHaveLength(1);
  });

  test('does not ask again where a fresh connection died that replaced a closed one', async () => {
    await using server = await startServer((_, response) => {
      if (server.requests.length > 1) return reset(response);
      return void response.end('{}');
    });
    const send = startSender();
    await send(server.url);
    for (const socket of server.sockets) socket.destroy();
    await sleep(5);

    expect(await send(server.url)).toMatchObject({ kind: 'no_answer' });
    expect(server.requests).toHaveLength(2);
  });

  test.for([1, 3])('asks again no more than once with %i idle connections', async (idle) => {
    await using server = await startServer((_, response) => {
      if (server.requests.length > idle) return reset(response);
      return void response.end('{}');
    });
    const send = startSender();
    await Promise.all(Array.from({ length: idle }, () => send(server.url)));

    expect(await send(server.url)).toMatchObject({ kind: 'no_answer' });
    expect(server.requests).toHaveLength(idle + 2);
  });

  test('asks again no more than once over another idle connection that has died', async () => {
    await using server = await startServer(dieWhenReused(reset));
    const send = httpSender({ timeoutMs: 2000, now: Date.now, makeClient });
    const deadline = Date.now() + 60_000;
    const request: HttpRequest = { method: 'GET', url: server.url, headers: {}, deadline };
    await Promise.all([send(request), send(request)]);

    for (const _ of [1, 2, 3]) {
      const before = server.requests.length;
      await send(request);
      expect(server.requests.length - before).toBeLessThanOrEqual(2);
    }
    expect(await send(request)).toMatchObject({ kind: 'http' });
  });

  test('asks again each time that a reused connection died', async () => {
    await using server = await startServer(dieWhenReused(reset));
    const send = startSender();

    for (const _ of [1, 2, 3, 4]) expect(await send(server.url)).toMatchObject({ kind: 'http' });
  });

  test.for(['dropMidBody', 'silence'] as const)(
    'does not ask again where a reused connection brings %s',
    async (fault) => {
      await using server = await startServer((_, response) => {
        if (server.requests.length > 1) return commitFault(response, fault);
        return void response.end('{}');
      });
      const send = startSender(100);
      await send(server.url);

      expect(await send(server.url)).toMatchObject({ kind: 'no_answer' });
      expect(server.requests).toHaveLength(2);
    },
  );

  test('does not ask again when there is no time left for it', async () => {
    let now = 0;
    await using server = await startServer(
      dieWhenReused((response) => {
        now = 5000;
        reset(response);
      }),
    );
    const send = startSender(2000, () => now);
    await send(server.url, { deadline: 1000 });

    expect(await send(server.url, { deadline: 1000 })).toMatchObject({
      kind: 'no_answer',
      reason: 'there was no time left to ask',
    });
    expect(server.requests).toHaveLength(2);
  });

  test('asks again within the same deadline', async () => {
    await using server = await startServer((_, response) => {
      if (server.requests.length === 1) return void response.end('{}');
      return server.requests.length === 2 ? reset(response) : commitFault(response, 'silence');
    });
    const send = startSender(20_000);
    await send(server.url);
    const startedAt = Date.now();

    expect(await send(server.url, { deadline: startedAt + 100 })).toMatchObject({
      kind: 'no_answer',
      reason: expect.stringMatching(/^no whole answer within \d+ ms$/),
    });
    expect(Date.now() - startedAt).toBeLessThan(1000);
  });

  test('goes on with other requests after each way to fail', async () => {
    const faults = ['dropMidBody', 'endlessBody', 'slowBody', 'silence', 'drop'] as const;
    await using server = await startServer(({ url = '' }, response) => {
      const fault = faults.find((name) => url.endsWith(name));
      return fault ? commitFault(response, fault) : void response.end('{}');
    });
    const send = startSender(100);
    await Promise.all(faults.map((fault) => send(`${server.url}/${fault}`)));

    expect(await send(server.url)).toMatchObject({ kind: 'http', body: '{}' });
  });

  test('shares some connections among many requests at once', async () => {
    await using server = await startServer();
    const send = startSender();

    const answers = await Promise.all(Array.from({ length: 600 }, () => send(server.url)));

    expect(answers.filter(({ kind }) => kind !== 'http')).toEqual([]);
    expect(server.requests).toHaveLength(600);
    expect(server.sockets.size).toBeLessThanOrEqual(128);
  });
});

// undici does not tell of a byte before it has the whole head
test('Node does not ask again where a reused connection died within the head of an answer', async () => {
  const answerOrDie = dieWhenReused((response) => {
    response.socket?.write('HTTP/1.1 200 OK\r\nx-a: b\r\n', () => response.socket?.end());
  });
  await using server = await startServer(answerOrDie);
  const send = httpSender({ timeoutMs: 2000, now: Date.now, makeClient: nodeClient });
  const ask = () =>
    send({ method: 'GET', url: server.url, headers: {}, deadline: Date.now() + 60_000 });
  await ask();

  expect(await ask()).toMatchObject({ kind: 'no_answer' });
  expect(server.requests).toHaveLength(2);
});

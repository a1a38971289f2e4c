import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { httpSender } from '../../functions/feishu/http.ts';
import {
  refreshUserToken,
  type UserTokenApi,
  userTokenUrl,
} from '../../functions/feishu/user-tokens.ts';
import { demoApp, startFeishuSimulator } from '../../infra/local/feishu-simulator.ts';

const connection = { send: httpSender({ timeoutMs: 2000, now: Date.now }), now: Date.now };
const apis = ['v2', 'v3'] as const satisfies UserTokenApi[];

const refresh = (baseUrl: string, refreshToken: string, api: UserTokenApi = 'v3') =>
  refreshUserToken(connection, {
    ...demoApp,
    refreshToken,
    url: userTokenUrl(baseUrl, api),
    deadline: Date.now() + 5000,
  });

/** Below HTTP: counts the connections and the requests that were read to their end. */
async function startSocketServer(answer: (socket: Socket) => void) {
  const seen = { connections: 0, requests: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    seen.connections += 1;
    sockets.add(socket);
    let heard = '';
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      heard += bytes;
      if (!heard.includes('secret-refresh')) return;
      heard = '';
      seen.requests += 1;
      answer(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const answerWith = (status: string, body: string) => (socket: Socket) => {
  socket.write(`HTTP/1.1 ${status}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
};

test.for([
  ['https://open.feishu.cn', 'v2', 'https://open.feishu.cn/open-apis/authen/v2/oauth/token'],
  ['https://open.feishu.cn', 'v3', 'https://accounts.feishu.cn/oauth/v3/token'],
  [
    'https://open.larksuite.com',
    'v2',
    'https://open.larksuite.com/open-apis/authen/v2/oauth/token',
  ],
  ['https://open.larksuite.com', 'v3', 'https://accounts.larksuite.com/oauth/v3/token'],
  [
    'https://open.example.com/feishu',
    'v2',
    'https://open.example.com/feishu/open-apis/authen/v2/oauth/token',
  ],
  [
    'https://open.example.com/feishu',
    'v3',
    'https://open.example.com/feishu/open-apis/authen/v2/oauth/token',
  ],
] as const)('%s issues users tokens of %s at %s', ([baseUrl, api, url]) => {
  expect(userTokenUrl(baseUrl, api)).toBe(url);
});

test.for(apis)('renews a token at %s', async (api) => {
  await using simulator = await startFeishuSimulator();
  const { refreshToken } = simulator.authoriseUser(demoApp.appId);

  const answer = await refresh(simulator.url, refreshToken, api);

  const [newAccessToken, newRefreshToken] = simulator.issuedTokens.slice(2);
  expect(answer).toEqual({
    kind: 'renewed',
    accessToken: newAccessToken,
    lifeSeconds: 7200,
    refreshToken: newRefreshToken,
    refreshLifeSeconds: 604_800,
  });
});

test.for([
  ['v2', '/open-apis/authen/v2/oauth/token', 'application/json; charset=utf-8'],
  ['v3', '/oauth/v3/token', 'application/x-www-form-urlencoded'],
] as const)('asks %s at %s in %s', async ([api, path, contentType]) => {
  await using simulator = await startFeishuSimulator();
  const { refreshToken } = simulator.authoriseUser(demoApp.appId);

  await refresh(simulator.url, refreshToken, api);

  const [request] = simulator.requests;
  const body = request?.body ?? '';
  expect(request).toMatchObject({ method: 'POST', path, headers: { 'content-type': contentType } });
  expect(api === 'v2' ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(body))).toEqual({
    grant_type: 'refresh_token',
    client_id: demoApp.appId,
    client_secret: demoApp.appSecret,
    refresh_token: refreshToken,
  });
});

test.for(apis)('tells what %s refuses', async (api) => {
  await using simulator = await startFeishuSimulator();
  const { refreshToken } = simulator.authoriseUser(demoApp.appId);
  await refresh(simulator.url, refreshToken, api);

  expect(await refresh(simulator.url, refreshToken, api)).toMatchObject({
    kind: 'refusal',
    asked: 'token',
    httpStatus: 400,
    code: 20073,
  });
});

test.for([
  ['no JSON', 'welcome', undefined],
  ['no access token', '{"code":0,"expires_in":7200}', undefined],
  ['an empty access token', '{"code":0,"access_token":" "}', undefined],
  ['a code that is no number', '{"code":"0","access_token":"secret-access"}', undefined],
] as const)('an answer of 200 with %s is none that tells of the token', async ([, body, code]) => {
  await using server = await startSocketServer(answerWith('200 OK', body));

  expect(await refresh(server.url, 'secret-refresh')).toMatchObject({
    kind: 'refusal',
    httpStatus: 200,
    code,
  });
});

test('keeps no secret that an error repeats', async () => {
  const body = JSON.stringify({ code: 20063, msg: `no ${demoApp.appSecret} secret-refresh` });
  await using server = await startSocketServer(answerWith('400 Bad Request', body));

  expect(await refresh(server.url, 'secret-refresh')).toMatchObject({
    code: 20063,
    msg: 'no [secret] [secret]',
  });
});

test('keeps no token of an answer that was cut short', async () => {
  const body = '{"code":0,"access_token":"secret-access","refresh_token":"secret-refr';
  await using server = await startSocketServer(answerWith('200 OK', body));

  const answer = await refresh(server.url, 'secret-refresh');

  expect(JSON.stringify(answer)).not.toMatch(/secret-(access|refr)/);
});

const busy = answerWith('500 Oh', '{"code":20050}');
/** undici lends a connection out again two turns of the event loop later. */
const untilIdle = () => sleep(5);

test.for([
  ['resets', (socket: Socket): void => void socket.resetAndDestroy()],
  ['ends', (socket: Socket): void => void socket.end()],
] as const)('sends a request once whose connection %s after it was read', async ([, end]) => {
  let requests = 0;
  await using server = await startSocketServer((socket) => {
    requests += 1;
    if (requests === 1) busy(socket);
    else end(socket);
  });
  await refresh(server.url, 'secret-refresh');
  await untilIdle();

  const answer = await refresh(server.url, 'secret-refresh');

  expect(answer).toMatchObject({ kind: 'no_answer' });
  expect(answer).not.toHaveProperty('unsent');
  expect(server.seen).toEqual({ connections: 2, requests: 2 });
});

test('sends each request over a connection of its own', async () => {
  await using server = await startSocketServer(busy);

  await refresh(server.url, 'secret-refresh');
  await untilIdle();
  await refresh(server.url, 'secret-refresh');

  expect(server.seen).toEqual({ connections: 2, requests: 2 });
});

test('tells that nothing was sent where nobody listens', async () => {
  const server = await startSocketServer(() => {});
  await server[Symbol.asyncDispose]();

  expect(await refresh(server.url, 'secret-refresh')).toMatchObject({
    kind: 'no_answer',
    unsent: true,
  });
});

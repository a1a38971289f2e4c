import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as undici from 'undici';
import { afterAll, expect, test } from 'vitest';
import { Agent, errors, request } from '../../functions/feishu/undici.ts';

// What is taken from inside undici is what its index exports.

const server = createServer(async (request, response) => {
  const body = Buffer.concat(await Array.fromAsync(request)).toString();
  const { method, url } = request;
  response.writeHead(418, { 'x-tt-logid': '2026' }).end(JSON.stringify({ method, url, body }));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/a?b=c`);
const dispatcher = new Agent();
afterAll(async () => {
  await dispatcher.close();
  server.close();
});

test("is undici's own agent, and its own errors", () => {
  expect(Agent).toBe(undici.Agent);
  expect(errors).toBe(undici.errors);
});

test.for([
  { method: 'GET' },
  { method: 'POST', body: '{"app_id":"cli"}', headers: { 'content-type': 'application/json' } },
] as const)("answers as undici's own request does: %j", async (options) => {
  const [ours, own] = await Promise.all(
    [request, undici.request].map(async (ask) => {
      const { statusCode, headers, body } = await ask(url, { dispatcher, ...options });
      return { statusCode, headers: { ...headers, date: '' }, body: await body.json() };
    }),
  );

  expect(ours).toEqual(own);
  expect(ours).toMatchObject({ statusCode: 418, body: { method: options.method, url: '/a?b=c' } });
});

test("fails as undici's own request does", async () => {
  const aborted = { dispatcher, method: 'GET', signal: AbortSignal.abort('no time') } as const;
  const malformed = { dispatcher, method: 'GET', headers: { 'a b': '' } } as const;

  for (const ask of [request, undici.request]) {
    await expect(ask(url, aborted)).rejects.toBe('no time');
    await expect(ask(url, malformed)).rejects.toBeInstanceOf(errors.InvalidArgumentError);
  }
});

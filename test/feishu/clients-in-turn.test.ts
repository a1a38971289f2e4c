import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { nodeThenUndici } from '../../functions/feishu/clients-in-turn.ts';

const options = { timeoutMs: 2000, mostConnections: 128, keptMs: 4000, longestBody: 1000 };

/** A client, and who sent each of its requests: undici tells of all of its own. */
async function start() {
  const paths: string[] = [];
  const byUndici: string[] = [];
  const note = (message: unknown) => {
    byUndici.push((message as { request: { path: string } }).request.path);
  };
  subscribe('undici:request:create', note);
  const server = createServer(({ url = '' }, response) => {
    paths.push(url);
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = nodeThenUndici(options);
  onTestFinished(async () => {
    unsubscribe('undici:request:create', note);
    await client.destroy();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const ask = (method: 'GET' | 'POST', path: string) =>
    client.exchange(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: {},
      body: method === 'POST' ? '{}' : null,
      milliseconds: 2000,
    });
  return { ask, paths, byUndici };
}

test('asks over the client of Node until a query has been answered, and then over undici', async () => {
  const { ask, paths, byUndici } = await start();

  await ask('POST', '/token');
  await ask('GET', '/first');
  expect(byUndici).toEqual([]);
  await vi.waitFor(async () => {
    await ask('GET', '/next');
    expect(byUndici).toContain('/next');
  });
  await ask('POST', '/another-token');

  expect(paths.slice(0, 2)).toEqual(['/token', '/first']);
  expect(byUndici).not.toContain('/token');
  expect(byUndici).not.toContain('/first');
  expect(byUndici).toContain('/another-token');
});

test('does not load undici for tokens alone', async () => {
  const { ask, byUndici } = await start();

  for (let turn = 0; turn < 20; turn++) await ask('POST', '/token');

  expect(byUndici).toEqual([]);
});

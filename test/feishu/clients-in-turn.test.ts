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
    response.writeHead(url === '/refused' ? 400 : 200).end('{}');
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

test('does not load undici for tokens, nor where a query is refused', async () => {
  const { ask, byUndici } = await start();

  for (let turn = 0; turn < 20; turn++) {
    await ask('POST', '/token');
    await ask('GET', '/refused');
  }

  expect(byUndici).toEqual([]);
});

test('goes on over the client of Node where undici cannot be loaded, and says so once', async () => {
  vi.doMock('../../functions/feishu/undici-client.ts', () => ({
    undiciClient() {
      throw new Error('cannot be loaded');
    },
  }));
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  onTestFinished(() => {
    vi.doUnmock('../../functions/feishu/undici-client.ts');
    said.mockRestore();
  });
  const { ask, paths, byUndici } = await start();

  await ask('GET', '/first');
  await vi.waitFor(() => expect(said).toHaveBeenCalled());
  for (let turn = 0; turn < 5; turn++) await ask('GET', '/next');

  expect(paths).toHaveLength(6);
  expect(byUndici).toEqual([]);
  expect(said).toHaveBeenCalledTimes(1);
});

test('loses no request that is under way when undici takes over', async () => {
  const { ask, byUndici } = await start();
  await ask('GET', '/first');

  for (let turn = 0; turn < 20; turn++) {
    const answers = await Promise.all([1, 2, 3].map((which) => ask('GET', `/${turn}/${which}`)));
    for (const answer of answers) expect(answer).toMatchObject({ httpStatus: 200 });
    await new Promise(setImmediate);
  }
  await vi.waitFor(async () => {
    await ask('GET', '/last');
    expect(byUndici).toContain('/last');
  });
});

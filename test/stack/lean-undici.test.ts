import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { maxHeaderSize } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { runInThisContext } from 'node:vm';
import tables from 'undici/lib/llhttp/constants.js';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import type { HttpClient } from '../../functions/feishu/exchange.ts';
import { undiciClient } from '../../functions/feishu/undici-client.ts';
import { bundle } from '../../infra/build.ts';
import { standIns } from '../../infra/lean-undici.ts';

// undici as it is bundled, beside undici as it is.

const folder = mkdtempSync(join(tmpdir(), 'feishu-import-undici-'));
afterAll(() => rmSync(folder, { recursive: true }));
const { inputs } = await bundle('functions/feishu/undici-client.ts', folder);
const program = pathToFileURL(join(folder, 'undici-client.mjs')).href;
const bundled: { undiciClient: typeof undiciClient } = await import(program);
const options = {
  timeoutMs: 5000,
  mostConnections: 128,
  keptMs: 4000,
  longestBody: 1024 * 1024,
};

test('everything that stands in for a part of undici is in use', () => {
  const used = Object.keys(inputs).filter((input) => input.startsWith('stands-in:'));

  expect(used.map((input) => input.slice('stands-in:'.length)).sort()).toEqual(
    Object.keys(standIns).sort(),
  );
});

test('undici asks of what stands in for what it did when that was written', () => {
  const askers = Object.entries(inputs)
    .filter(([, { imports }]) => imports.some(({ path }) => path.startsWith('stands-in:')))
    .map(([file]) => readFileSync(file, 'utf8'))
    .join('\n');
  const found = (pattern: RegExp) => [...new Set(askers.match(pattern))].sort();

  // by these names …
  expect(
    found(/const .+ = require\('(node:assert|node:http|\.\/tree|.+llhttp\/constants\.js)'\)/g),
  ).toEqual([
    "const assert = require('node:assert')",
    "const constants = require('../llhttp/constants.js')",
    "const http = require('node:http')",
    "const { IncomingMessage } = require('node:http')",
    "const { tree } = require('./tree')",
  ]);
  // … it asks for these (and whether a stream is an IncomingMessage, which none of ours is)
  expect(found(/\b(assert|http|tree|constants)\.(?!js\b)\w+/g)).toEqual([
    'constants.ERROR',
    'constants.TYPE',
    'http.maxHeaderSize',
    'tree.lookup',
  ]);
});

/** What a part of undici finds where it requires `path`. */
function standingIn(path: string) {
  const module = { exports: undefined as unknown };
  runInThisContext(`(module) => {${standIns[path]?.()}}`)(module);
  return module.exports;
}

test('what stands in for assert says so where something is not as it should be', () => {
  const assert = standingIn('node:assert') as (holds: unknown, message?: string) => void;

  expect(() => assert(1)).not.toThrow();
  expect(() => assert(null)).toThrow(/^something in undici/);
  expect(() => assert(false, 'cannot be paused')).toThrow(
    expect.objectContaining({ message: 'cannot be paused', code: 'ERR_ASSERTION' }),
  );
});

test("what stands in for HTTP's tables says the same as they do, and for Node's limit as Node does", () => {
  expect(standingIn('../llhttp/constants.js')).toEqual({ TYPE: tables.TYPE, ERROR: tables.ERROR });
  expect(standingIn('node:http')).toEqual({ maxHeaderSize });
});

const ok = 'HTTP/1.1 200 OK\r\n';
const body = 'content-length: 10\r\n\r\n{"code":0}';

test.for<[what: string, answer: string]>([
  ['an answer', `${ok}${body}`],
  [
    'names of headers in any case',
    `${ok}X-Tt-LogID: 1\r\nRETRY-AFTER: 2\r\nx-Odd_One: 3\r\n${body}`,
  ],
  [
    'a header that comes twice',
    `${ok}x-a: 1\r\nX-A: 2\r\nSet-Cookie: a\r\nset-cookie: b\r\n${body}`,
  ],
  [
    'a body in chunks',
    `${ok}Transfer-Encoding: chunked\r\n\r\n5\r\n{"cod\r\n5\r\ne":0}\r\n0\r\n\r\n`,
  ],
  ['a body up to the end of the connection', `${ok}Connection: close\r\n\r\n{"code":0}`],
  ['a status that comes before the answer', `HTTP/1.1 103 Early Hints\r\n\r\n${ok}${body}`],
  ['a 100 that nobody asked for', `HTTP/1.1 100 Continue\r\n\r\n${ok}${body}`],
  ['headers of nearly 16 KiB', `${ok}x-long: ${'x'.repeat(16_000)}\r\n${body}`],
  ['headers of more than 16 KiB', `${ok}x-long: ${'x'.repeat(16_400)}\r\n${body}`],
  ['a body of more than a MiB', `${ok}content-length: 1048577\r\n\r\n${'x'.repeat(1_048_577)}`],
  ['less body than was promised', `${ok}content-length: 11\r\n\r\n{"code":0}`],
  ['a length that is none', `${ok}content-length: ten\r\n\r\n{"code":0}`],
  ['no HTTP', 'SSH-2.0-OpenSSH_9.9\r\n'],
  ['nothing', ''],
])('%s is read alike', async ([, answer]) => {
  const url = await startServer(answer);

  const read = await answerTo(bundled.undiciClient(options), url);

  expect(read).toEqual(await answerTo(undiciClient(options), url));
});

test('names what was left out, should a request come to that', async () => {
  const url = await startServer(`${ok}${body}`);
  const caller = join(folder, 'call.mjs');
  writeFileSync(
    caller,
    `import { undiciClient } from ${JSON.stringify(program)};
     const client = undiciClient(${JSON.stringify(options)});
     const get = { method: 'GET', headers: {}, body: null, milliseconds: 5000 };
     const { error } = await client.exchange(${JSON.stringify(url)}, get);
     process.stdout.write(error.message);`,
  );

  // as where a processor has none
  const env = { UNDICI_NO_WASM_SIMD: '1' };
  const { stdout } = await promisify(execFile)(process.execPath, [caller], { env });

  expect(stdout).toBe('llhttp-wasm.js of undici is not in this bundle');
});

/** What came of a request; of an error all that anybody reads. */
async function answerTo(client: HttpClient, url: string) {
  const asked = { method: 'GET', headers: {}, body: null, milliseconds: 5000 } as const;
  const exchanged = await client.exchange(url, asked);
  await client.destroy();
  if (!('error' in exchanged)) return exchanged;
  const { name, message, code } = exchanged.error as Error & { code?: string };
  return { ...exchanged, error: { name, message, code } };
}

/** Says the same to whoever sends something, and hangs up. */
async function startServer(answer: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(answer));
  });
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

import { once } from 'node:events';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import * as lark from '@larksuiteoapi/node-sdk';
import { Client, request } from 'undici';
import { expect, test, vi } from 'vitest';
import { documentedCodes } from '../../infra/local/feishu-simulator/documented-codes.ts';
import {
  demoApp,
  type FeishuSimulator,
  type FeishuSimulatorOptions,
  type RecordedRequest,
  type Reply,
  type Script,
  startFeishuSimulator,
} from '../../infra/local/feishu-simulator.ts';
import documented from '../reference/import-codes.json' with { type: 'json' };

const ticket = '7369583175086912356';
const tokenPath = '/open-apis/auth/v3/tenant_access_token/internal';
const importPath = `/open-apis/drive/v1/import_tasks/${ticket}`;
const credentials = { app_id: demoApp.appId, app_secret: demoApp.appSecret };
const finished = {
  job_status: 0,
  token: 'Fm7osyjtMh5o7Ktrv32c73abcef',
  url: 'https://example.feishu.cn/sheets/Fm7osyjtMh5o7Ktrv32c73abcef',
  extra: ['2000'],
};

async function send(
  simulator: FeishuSimulator,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  options: { authorization?: string | undefined; body?: string } = {},
) {
  const { authorization, body } = options;
  const {
    statusCode,
    headers,
    body: answer,
  } = await request(simulator.url + path, {
    method,
    headers: authorization === undefined ? {} : { authorization },
    ...(body !== undefined && { body }),
  });
  return { http: statusCode, headers, text: await answer.text() };
}

async function sendForJson(...args: Parameters<typeof send>) {
  const { text, ...answer } = await send(...args);
  return { ...answer, json: JSON.parse(text) };
}

const askForToken = (simulator: FeishuSimulator, body: unknown = credentials, path = tokenPath) =>
  sendForJson(simulator, 'POST', path, {
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

async function authorize(simulator: FeishuSimulator): Promise<string> {
  return `Bearer ${(await askForToken(simulator)).json.tenant_access_token}`;
}

async function query(simulator: FeishuSimulator, authorization?: string) {
  return sendForJson(simulator, 'GET', importPath, {
    authorization: authorization ?? (await authorize(simulator)),
  });
}

/** A simulator whose ticket is scripted, and a valid Authorization header for it. */
async function startScripted(script: Script | Reply, options?: FeishuSimulatorOptions) {
  const simulator = await startFeishuSimulator(options);
  const isScript = 'replies' in script || 'timeline' in script;
  simulator.script(ticket, isScript ? script : { replies: [script] });
  const authorization = await authorize(simulator);
  return {
    simulator,
    authorization,
    [Symbol.asyncDispose]: simulator.close,
  };
}

function startClock() {
  let milliseconds = Date.parse('2026-10-01T08:00:00Z');
  return {
    now: () => milliseconds,
    advanceSeconds: (seconds: number) => {
      milliseconds += seconds * 1000;
    },
  };
}

const statusOf = (answer: { json: { data: { result: { job_status: number } } } }) =>
  answer.json.data.result.job_status;

test('issues a tenant token in a flat answer', async () => {
  await using simulator = await startFeishuSimulator();

  const { http, headers, json } = await askForToken(simulator);

  expect(http).toBe(200);
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  expect(json).toEqual({
    code: 0,
    msg: 'ok',
    tenant_access_token: expect.stringMatching(/^t-/),
    expire: 7200,
  });
  expect(simulator.issuedTokens).toEqual([json.tenant_access_token]);
});

test('accepts a trailing slash on the token path', async () => {
  await using simulator = await startFeishuSimulator();

  expect((await askForToken(simulator, credentials, `${tokenPath}/`)).json.code).toBe(0);
});

test('hands out the same token while 30 minutes of it are left, with the time that is left', async () => {
  const clock = startClock();
  await using simulator = await startFeishuSimulator({ now: clock.now });
  const first = await askForToken(simulator);

  clock.advanceSeconds(7200 - 1800);
  const second = await askForToken(simulator);

  expect(second.json).toEqual({ ...first.json, expire: 1800 });
});

test('issues a new token with less than 30 minutes left, and the old one stays valid to its end', async () => {
  const clock = startClock();
  await using scripted = await startScripted({ result: finished }, { now: clock.now });
  const { simulator, authorization } = scripted;

  clock.advanceSeconds(7200 - 1799);
  expect(await authorize(simulator)).not.toBe(authorization);
  expect((await query(simulator, authorization)).http).toBe(200);

  clock.advanceSeconds(1799);
  expect((await query(simulator, authorization)).json.code).toBe(99991663);
  expect(simulator.issuedTokens).toHaveLength(2);
});

test('gives tokens the life it is told', async () => {
  const clock = startClock();
  await using simulator = await startFeishuSimulator({ now: clock.now, tokenSeconds: 5 });
  const authorization = await authorize(simulator);

  clock.advanceSeconds(4.9);
  expect((await query(simulator, authorization)).json.code).toBe(1069904);

  clock.advanceSeconds(0.1);
  expect((await query(simulator, authorization)).json.code).toBe(99991663);
});

test('keeps the tokens of two apps apart', async () => {
  const apps = [demoApp, { appId: 'cli_other', appSecret: 'other-secret' }];
  await using simulator = await startFeishuSimulator({ apps });

  const one = await askForToken(simulator);
  const other = await askForToken(simulator, { app_id: 'cli_other', app_secret: 'other-secret' });

  expect(other.json.tenant_access_token).not.toBe(one.json.tenant_access_token);
});

const invalidParam = { code: 10003, data: {}, msg: 'invalid param' };

test.for([
  ['an unknown app', { ...credentials, app_id: 'cli_forged' }, invalidParam],
  [
    'a wrong secret',
    { ...credentials, app_secret: 'x' },
    { code: 10014, msg: 'app secret invalid' },
  ],
  ['a missing app_id', { app_secret: demoApp.appSecret }, invalidParam],
  ['JSON that is no object', 'null', invalidParam],
  ['broken JSON', '{"app_id":', invalidParam],
  ['an empty body', '', invalidParam],
] as const)('refuses %s with HTTP 200 and a code', async ([, body, refusal]) => {
  await using simulator = await startFeishuSimulator();

  const { http, headers, json } = await askForToken(simulator, body);

  expect(http).toBe(200);
  expect(headers['x-tt-logid']).toBeTruthy();
  expect(json).toEqual(refusal);
  expect(simulator.issuedTokens).toEqual([]);
});

test('plays what the token endpoint is scripted to say, then issues again', async () => {
  await using simulator = await startFeishuSimulator();
  simulator.scriptTokenEndpoint([
    { error: { code: 10015 } },
    'issue',
    { raw: { http: 502, body: '{}' } },
    { issue: true, delayMs: 5 },
  ]);

  expect((await askForToken(simulator)).json).toEqual({ code: 10015, msg: 'wrong app secret' });
  expect((await askForToken(simulator)).json.code).toBe(0);
  expect((await askForToken(simulator)).http).toBe(502);
  expect((await askForToken(simulator)).json.code).toBe(0);
  expect((await askForToken(simulator)).json.code).toBe(0);
});

test('plays what the token endpoint is scripted to say to one app, and issues to the others', async () => {
  await using simulator = await startFeishuSimulator();
  simulator.scriptTokenEndpoint([{ error: { code: 10015 } }], 'cli_another');
  simulator.scriptTokenEndpoint([{ error: { code: 10014 } }], demoApp.appId);

  expect((await askForToken(simulator)).json.code).toBe(10014);
  expect((await askForToken(simulator)).json.code).toBe(0);
});

test('refuses every token issued so far once they are expired, and issues a new one', async () => {
  await using scripted = await startScripted({ result: finished });
  const { simulator, authorization } = scripted;

  simulator.expireTokens();
  const refused = await query(simulator, authorization);
  const renewed = await query(simulator, await authorize(simulator));

  expect([refused.http, refused.json.code]).toEqual([400, 99991663]);
  expect(renewed.json.code).toBe(0);
});

test.for([
  ['GET', tokenPath],
  ['POST', importPath],
  ['DELETE', importPath],
  ['GET', `${importPath}/`],
  ['GET', '/open-apis/drive/v1/import_tasks'],
  ['GET', '/open-apis/drive/v1/import_tasks/'],
  ['GET', '/open-apis/drive/v2/import_tasks/1'],
  ['GET', '/'],
] as const)('answers %s %s with a 404 in plain text', async ([method, path]) => {
  await using simulator = await startFeishuSimulator();

  const { http, headers, text } = await send(simulator, method, path, {
    authorization: await authorize(simulator),
  });

  expect([http, headers['content-type'], text]).toEqual([404, 'text/plain', '404 page not found']);
  expect(headers['x-tt-logid']).toBeTruthy();
});

test.for([
  ['no Authorization', undefined, 99991661],
  ['a token without Bearer', 't-7f1bcd13', 99991661],
  ['Bearer without a token', 'Bearer ', 99991661],
  ['an unknown tenant token', 'Bearer t-7f1bcd13', 99991663],
  ['a user token', 'Bearer u-7f1bcd13', 99991668],
  ['a user token of the newer kind', 'Bearer eyJhbGciOiJFUzI1NiIs', 99991668],
  ['a token of no kind', 'Bearer 7f1bcd13', 99991671],
] as const)('refuses a query with %s', async ([, authorization, code]) => {
  await using simulator = await startFeishuSimulator();
  simulator.script(ticket, { replies: [{ result: finished }] });

  const { http, json } = await sendForJson(simulator, 'GET', importPath, { authorization });

  expect(http).toBe(400);
  expect(json).toMatchObject({ code, msg: documentedCodes[code]?.msg });
  expect(simulator.queriesOf(ticket)).toBe(0);
});

test('names an error by the log id in its header, a new one each time', async () => {
  await using simulator = await startFeishuSimulator();

  const [one, other] = await Promise.all([query(simulator, 'x'), query(simulator, 'x')]);

  expect(one.json.error.log_id).toBe(one.headers['x-tt-logid']);
  expect(one.json.error.troubleshooter).toContain(`log_id=${one.json.error.log_id}`);
  expect(other.headers['x-tt-logid']).not.toBe(one.headers['x-tt-logid']);
});

test('answers a finished import as the documentation shows it', async () => {
  await using scripted = await startScripted({ result: finished });

  const { http, headers, json } = await query(scripted.simulator);

  expect([http, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
  expect(headers['x-tt-logid']).toBeTruthy();
  expect(json).toEqual({
    code: 0,
    msg: 'success',
    data: { result: { ticket, type: 'sheet', job_error_msg: 'success', ...finished } },
  });
});

test.for([
  ['a status alone', { job_status: 2 }, { ticket, type: 'sheet', job_status: 2 }],
  ['0 without a token', { job_status: 0 }, { ticket, type: 'sheet', job_status: 0 }],
  ['no status', { type: 'docx' }, { ticket, type: 'docx' }],
  ['a foreign ticket', { ticket: '1' }, { ticket: '1', type: 'sheet' }],
  ['undocumented types', { job_status: '0' }, { ticket, type: 'sheet', job_status: '0' }],
] as const)('sends a result with %s as scripted', async ([, result, sent]) => {
  await using scripted = await startScripted({ result });

  expect((await query(scripted.simulator)).json.data).toEqual({ result: sent });
});

test('answers without a result', async () => {
  await using scripted = await startScripted({ result: null });

  expect((await query(scripted.simulator)).json).toEqual({ code: 0, msg: 'success', data: {} });
});

test('plays replies in order, the last one for ever', async () => {
  await using scripted = await startScripted({
    replies: [
      { result: { job_status: 1 } },
      { result: { job_status: 2 } },
      { error: { code: 1069901 } },
      { result: finished },
    ],
  });
  const { simulator, authorization } = scripted;

  expect(statusOf(await query(simulator, authorization))).toBe(1);
  expect(statusOf(await query(simulator, authorization))).toBe(2);
  expect((await query(simulator, authorization)).http).toBe(500);
  expect(statusOf(await query(simulator, authorization))).toBe(0);
  expect(statusOf(await query(simulator, authorization))).toBe(0);
  expect(simulator.queriesOf(ticket)).toBe(5);
});

const timeline = [
  { fromSeconds: 10, reply: { result: finished } },
  { fromSeconds: 2, reply: { result: { job_status: 2 } } },
];

test('plays a timeline from the first query on', async () => {
  const clock = startClock();
  await using scripted = await startScripted({ timeline }, { now: clock.now });
  const { simulator, authorization } = scripted;
  const statusAfter = async (seconds: number) => {
    clock.advanceSeconds(seconds);
    return statusOf(await query(simulator, authorization));
  };

  expect(await statusAfter(100)).toBe(1);
  expect(await statusAfter(1.9)).toBe(1);
  expect(await statusAfter(0.1)).toBe(2);
  expect(await statusAfter(7.9)).toBe(2);
  expect(await statusAfter(0.1)).toBe(0);
  expect(await statusAfter(1000)).toBe(0);
});

test('plays a timeline from when it was scripted', async () => {
  const clock = startClock();
  const script = { timeline, since: 'scripted' } as const;
  await using scripted = await startScripted(script, { now: clock.now });

  clock.advanceSeconds(10);

  expect(statusOf(await query(scripted.simulator, scripted.authorization))).toBe(0);
});

test('starts a ticket again when it is scripted again, and goes on counting its queries', async () => {
  await using scripted = await startScripted({ replies: [{ result: null }, { result: finished }] });
  const { simulator } = scripted;
  await query(simulator);

  simulator.script(ticket, { replies: [{ result: { job_status: 3 } }, { result: null }] });

  expect(statusOf(await query(simulator))).toBe(3);
  expect(simulator.queriesOf(ticket)).toBe(2);
});

test('refuses a script without replies', async () => {
  await using simulator = await startFeishuSimulator();

  expect(() => simulator.script(ticket, { replies: [] })).toThrow(ticket);
});

test('asks once for the script of a ticket nobody scripted', async () => {
  const scriptFor = vi.fn(() => ({
    replies: [{ result: { job_status: 2 } }, { result: finished }],
  }));
  await using simulator = await startFeishuSimulator({ scriptFor });

  expect(statusOf(await query(simulator))).toBe(2);
  expect(statusOf(await query(simulator))).toBe(0);
  expect(scriptFor.mock.calls).toEqual([[ticket]]);
});

test('refuses a ticket without a script for good', async () => {
  await using simulator = await startFeishuSimulator({ scriptFor: () => undefined });

  const { http, json } = await query(simulator);

  expect(http).toBe(400);
  expect(json).toMatchObject({ code: 1069904, msg: 'invalid param' });
  expect(simulator.queriesOf(ticket)).toBe(1);
});

test('says what is wrong when a script cannot be played', async () => {
  await using scripted = await startScripted({ raw: { http: 99, body: '' } });

  const { http, text } = await send(scripted.simulator, 'GET', importPath, scripted);

  expect(http).toBe(500);
  expect(text).toMatch(/^simulator: .*99/);
});

const apiErrors = documented.api_errors.map(({ code, http, msg }) => [code, http, msg] as const);

test.for([
  ...apiErrors,
  [99991400, 429, 'request trigger frequency limit'],
  [99991401, 400, 'ip 192.0.2.1 is denied by app setting'],
  [99991403, 429, "This month's API call quota has been exceeded"],
  [99991406, 429, undefined],
  [99991661, 400, undefined],
  [99991663, 400, undefined],
  [99991668, 400, undefined],
  [99991671, 400, 'Invalid token: must start with t-/u-'],
  [99991672, 400, undefined],
  [99991677, 400, 'token expire'],
  [2200, 400, 'internal error'],
  [424242, 400, undefined],
] as const)('answers code %i with HTTP %i', async ([code, http, msg]) => {
  await using scripted = await startScripted({ error: { code } });

  const answer = await query(scripted.simulator);

  expect([answer.http, answer.json.code]).toEqual([http, code]);
  expect(answer.json.msg).toBe(msg ?? answer.json.msg);
  expect(answer.json.error.log_id).toBe(answer.headers['x-tt-logid']);
});

test('knows the documented import errors and no others', () => {
  const known = Object.keys(documentedCodes).filter((code) => code.startsWith('10699'));

  expect(known).toEqual(apiErrors.map(([code]) => String(code)));
});

test('sends an error with another message and status', async () => {
  const error = { code: 9499, msg: 'too many request', http: 429 };
  await using scripted = await startScripted({ error });

  const { http, json } = await query(scripted.simulator);

  expect([http, json.code, json.msg]).toEqual([429, 9499, 'too many request']);
});

test.for([
  [99991672, 'action_scope_required'],
  [99991679, 'action_privilege_required'],
] as const)('names the missing scopes of %i', async ([code, type]) => {
  await using scripted = await startScripted({ error: { code, missingScopes: ['drive:drive'] } });

  const { json } = await query(scripted.simulator);

  expect(json.error.permission_violations).toEqual([{ type, subject: 'drive:drive' }]);
});

test('names the scopes of the import query where none are scripted', async () => {
  await using scripted = await startScripted({ error: { code: 99991672 } });

  const { json } = await query(scripted.simulator);

  expect(json.msg).toContain('[docs:document:import, drive:drive, drive:drive:readonly]');
  expect(json.error.permission_violations).toHaveLength(3);
});

test.for([
  ['as 429', {}, 429, 99991400, '1', undefined],
  ['as 400', { http: 400 }, 400, 99991400, '1', undefined],
  ['with a fraction', { resetSeconds: 2.5 }, 429, 99991400, '2.5', undefined],
  ['with nonsense', { resetSeconds: 'soon' }, 429, 99991400, 'soon', undefined],
  ['without its header', { resetSeconds: null }, 429, 99991400, undefined, undefined],
  ['with Retry-After', { retryAfter: '7' }, 429, 99991400, '1', '7'],
  ['with another code', { code: 1069923 }, 429, 1069923, '1', undefined],
] as const)('limits the rate %s', async ([, rateLimit, http, code, reset, retryAfter]) => {
  await using scripted = await startScripted({ rateLimit });

  const answer = await query(scripted.simulator);

  expect([answer.http, answer.json.code]).toEqual([http, code]);
  expect(answer.json.msg).toBe(documentedCodes[code]?.msg);
  expect(answer.headers['x-ogw-ratelimit-limit']).toBe('50');
  expect(answer.headers['x-ogw-ratelimit-reset']).toBe(reset);
  expect(answer.headers['retry-after']).toBe(retryAfter);
});

test('sends broken JSON as JSON', async () => {
  await using scripted = await startScripted({ raw: { http: 200, body: '{"code":0,' } });

  const { http, headers, text } = await send(scripted.simulator, 'GET', importPath, scripted);

  expect([http, text]).toEqual([200, '{"code":0,']);
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
});

test('sends an HTML page with headers of its own', async () => {
  const body = '<html><body>403 Forbidden</body></html>';
  const raw = { http: 403, body, contentType: 'text/html', headers: { server: 'waf' } };
  await using scripted = await startScripted({ raw });

  const { http, headers, text } = await send(scripted.simulator, 'GET', importPath, scripted);

  expect([http, headers['content-type'], headers.server]).toEqual([403, 'text/html', 'waf']);
  expect(text).toBe(body);
});

test('waits before an answer', async () => {
  await using scripted = await startScripted({ delayMs: 20, result: finished });
  const startedAt = performance.now();

  const { json } = await query(scripted.simulator, scripted.authorization);

  expect(json.code).toBe(0);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(19);
});

const ask = (simulator: FeishuSimulator, authorization: string) =>
  request(simulator.url + importPath, { headers: { authorization } });

test('drops a connection before any byte', async () => {
  await using scripted = await startScripted({ fault: 'drop' });
  const { hostname, port } = new URL(scripted.simulator.url);
  const socket = connect(Number(port), hostname);
  const received: Buffer[] = [];
  socket.on('data', (chunk) => received.push(chunk));

  socket.write(
    `GET ${importPath} HTTP/1.1\r\nHost: x\r\nAuthorization: ${scripted.authorization}\r\n\r\n`,
  );
  const [error] = await once(socket, 'error');

  expect(error.code).toBe('ECONNRESET');
  expect(received).toEqual([]);
});

test('drops a connection in the middle of the body', async () => {
  await using scripted = await startScripted({ fault: 'dropMidBody' });

  const { statusCode, body } = await ask(scripted.simulator, scripted.authorization);
  const received: Buffer[] = [];
  body.on('data', (chunk) => received.push(chunk));
  const [error] = await once(body, 'error');

  expect(statusCode).toBe(200);
  expect(error.code).toBe('ECONNRESET');
  expect(Buffer.concat(received).toString()).toMatch(/^\{"code":0/);
});

test('drops a connection in the middle of the headers', async () => {
  await using scripted = await startScripted({ fault: 'dropMidHeaders' });

  const error = await ask(scripted.simulator, scripted.authorization).catch((error) => error);

  expect(error.code).toMatch(/^(ECONNRESET|UND_ERR_SOCKET)$/);
});

test('drops a connection after the headers', async () => {
  await using scripted = await startScripted({ fault: 'dropAfterHeaders' });

  const { statusCode, body } = await ask(scripted.simulator, scripted.authorization);

  expect(statusCode).toBe(200);
  await expect(body.text()).rejects.toThrow();
});

test('ends a connection in the middle of the body', async () => {
  await using scripted = await startScripted({ fault: 'endMidBody' });

  const { body } = await ask(scripted.simulator, scripted.authorization);

  await expect(body.text()).rejects.toThrow('closed');
});

test('sends 20 KB that would be 20 MB unpacked', async () => {
  await using scripted = await startScripted({ fault: 'gzipBomb' });

  const { headers, body } = await ask(scripted.simulator, scripted.authorization);
  const bytes = Buffer.from(await body.arrayBuffer());

  expect(headers['content-encoding']).toBe('gzip');
  expect(bytes.length).toBeLessThan(25_000);
  expect(gunzipSync(bytes).length).toBe(20 * 1024 * 1024);
});

test('sends a body in pieces that cut characters', async () => {
  const raw = { http: 200, body: '{"msg":"导入成功导入成功"}', dripMs: 5 };
  await using scripted = await startScripted({ raw });

  const { body } = await ask(scripted.simulator, scripted.authorization);
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);

  expect(chunks.length).toBeGreaterThan(2);
  expect(Buffer.concat(chunks).toString()).toBe(raw.body);
});

test('tells of each request before it answers', async () => {
  const told: string[] = [];
  const onRequest = ({ path }: RecordedRequest) => void told.push(path);
  await using simulator = await startFeishuSimulator({ onRequest });

  await askForToken(simulator);

  expect(told).toEqual(['/open-apis/auth/v3/tenant_access_token/internal']);
});

test('sends a body that never ends, until the client has enough', async () => {
  await using scripted = await startScripted({ fault: 'endlessBody' });

  const { body } = await ask(scripted.simulator, scripted.authorization);
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > 200_000) break;
  }

  expect(size).toBeGreaterThan(200_000);
});

test('sends a body byte by byte', async () => {
  await using scripted = await startScripted({ fault: 'slowBody' });

  const { body } = await ask(scripted.simulator, scripted.authorization);
  const chunks: string[] = [];
  for await (const chunk of body) if (chunks.push(String(chunk)) === 2) break;

  expect(chunks[1]).toBe('x');
});

test.for(['silence', 'endlessBody', 'slowBody'] as const)(
  'ends a connection in %s when it closes',
  async (fault) => {
    await using scripted = await startScripted({ fault });
    const { simulator, authorization } = scripted;
    const answer = ask(simulator, authorization).then(({ body }) => body.text());
    const refused = expect(answer).rejects.toThrow();
    await vi.waitUntil(() => simulator.queriesOf(ticket) === 1, { interval: 1 });

    await simulator.close();

    await refused;
  },
);

test('ends a delayed answer when it closes', async () => {
  await using scripted = await startScripted({ delayMs: 60_000, result: null });
  const { simulator, authorization } = scripted;
  const refused = expect(ask(simulator, authorization)).rejects.toThrow();
  await vi.waitUntil(() => simulator.queriesOf(ticket) === 1, { interval: 1 });

  await simulator.close();

  await refused;
});

test('limits an app to its queries in any second', async () => {
  const clock = startClock();
  await using scripted = await startScripted(
    { result: finished },
    { now: clock.now, rateLimit: { perSecond: 2, perMinute: 100 } },
  );
  const { simulator, authorization } = scripted;
  const httpAfter = async (seconds: number) => {
    clock.advanceSeconds(seconds);
    return (await query(simulator, authorization)).http;
  };

  expect(await httpAfter(0)).toBe(200);
  expect(await httpAfter(0.6)).toBe(200);
  expect(await httpAfter(0.3)).toBe(429);
  expect(await httpAfter(0.1)).toBe(200);
  expect(await httpAfter(0.5)).toBe(429);
  expect(await httpAfter(0.1)).toBe(200);
  expect(simulator.queriesOf(ticket)).toBe(4);
});

test('limits an app to its queries in any minute and says when to come back', async () => {
  const clock = startClock();
  await using scripted = await startScripted(
    { result: finished },
    { now: clock.now, rateLimit: { perSecond: 2, perMinute: 3 } },
  );
  const { simulator, authorization } = scripted;
  for (let count = 0; count < 3; count++) {
    await query(simulator, authorization);
    clock.advanceSeconds(2.5);
  }

  const refused = await query(simulator, authorization);
  clock.advanceSeconds(52);
  const stillRefused = await query(simulator, authorization);
  clock.advanceSeconds(0.5);
  const accepted = await query(simulator, authorization);

  expect(refused.http).toBe(429);
  expect(refused.json.code).toBe(99991400);
  expect(refused.headers['x-ogw-ratelimit-limit']).toBe('3');
  expect(refused.headers['x-ogw-ratelimit-reset']).toBe('53');
  expect(stillRefused.headers['x-ogw-ratelimit-reset']).toBe('1');
  expect(accepted.http).toBe(200);
});

test('says the longer wait when both limits are crossed', async () => {
  const clock = startClock();
  await using scripted = await startScripted(
    { result: finished },
    { now: clock.now, rateLimit: { perSecond: 1, perMinute: 1 } },
  );
  const { simulator, authorization } = scripted;
  await query(simulator, authorization);

  const { headers } = await query(simulator, authorization);

  expect(headers['x-ogw-ratelimit-reset']).toBe('60');
});

test('limits each app on its own', async () => {
  const apps = [demoApp, { appId: 'cli_other', appSecret: 'other-secret' }];
  await using scripted = await startScripted(
    { result: finished },
    { apps, rateLimit: { perSecond: 1, perMinute: 1 } },
  );
  const { simulator, authorization } = scripted;
  await query(simulator, authorization);

  const other = await askForToken(simulator, { app_id: 'cli_other', app_secret: 'other-secret' });
  const answer = await query(simulator, `Bearer ${other.json.tenant_access_token}`);

  expect(answer.http).toBe(200);
  expect((await query(simulator, authorization)).http).toBe(429);
});

test('listens on this machine alone', async () => {
  await using simulator = await startFeishuSimulator();

  expect(simulator.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test('records what it was asked', async () => {
  const clock = startClock();
  await using simulator = await startFeishuSimulator({ now: clock.now });

  await send(simulator, 'POST', `${tokenPath}?a=1`, { body: '{}', authorization: 'x' });

  expect(simulator.requests).toEqual([
    {
      method: 'POST',
      path: `${tokenPath}?a=1`,
      headers: expect.objectContaining({ authorization: 'x' }),
      body: '{}',
      at: clock.now(),
    },
  ]);
});

test('keeps the newest 10,000 requests', async () => {
  await using simulator = await startFeishuSimulator();
  const { hostname, port } = new URL(simulator.url);
  const socket = connect(Number(port), hostname).resume();

  socket.write('GET /old HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(10));
  socket.write('GET /new HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(9_999));
  socket.write('GET /newest HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await once(socket, 'close');

  expect(simulator.requests).toHaveLength(10_000);
  expect(simulator.requests[0]?.path).toBe('/new');
  expect(simulator.requests.at(-1)?.path).toBe('/newest');
});

test('answers one query after another over one connection', async () => {
  await using scripted = await startScripted({ result: finished });
  const { simulator, authorization } = scripted;
  const client = new Client(simulator.url);
  const connected = vi.fn();
  client.on('connect', connected);

  for (let count = 0; count < 3; count++) {
    const options = { path: importPath, method: 'GET', headers: { authorization } } as const;
    const { headers, body } = await client.request(options);
    expect(headers['keep-alive']).toBe('timeout=60');
    await body.dump();
  }

  await client.close();

  expect(connected).toHaveBeenCalledOnce();
});

test('closes as often as asked, idle connections too', async () => {
  await using simulator = await startFeishuSimulator();
  const { hostname, port } = new URL(simulator.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  await once(socket, 'connect');

  await Promise.all([simulator.close(), simulator.close()]);
  await simulator.close();

  await closed;
  await expect(request(simulator.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('does not start on a port that is taken', async () => {
  await using simulator = await startFeishuSimulator();
  const port = Number(new URL(simulator.url).port);

  await expect(startFeishuSimulator({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

// an HTTP proxy in the environment must not come between the SDK and this machine
lark.defaultHttpInstance.defaults.proxy = false;

const silent = () => {};
const logger = { error: silent, warn: silent, info: silent, debug: silent, trace: silent };

/** The SDK keeps tokens per app id for the whole process, so each test takes its own. */
async function startForSdk(appId: string, reply: Reply) {
  const appSecret = 'sdk-secret';
  const simulator = await startFeishuSimulator({ apps: [{ appId, appSecret }] });
  simulator.script(ticket, { replies: [reply] });
  const domain = simulator.url;
  const loggerLevel = lark.LoggerLevel.error;
  const client = new lark.Client({ appId, appSecret, domain, loggerLevel, logger });
  return { simulator, client, [Symbol.asyncDispose]: simulator.close };
}

test('gives the official SDK a token and an import result', async () => {
  await using sdk = await startForSdk('cli_sdk_finished', { result: finished });

  const answer = await sdk.client.drive.v1.importTask.get({ path: { ticket } });

  expect(answer.code).toBe(0);
  expect(answer.data?.result).toEqual({
    ticket,
    type: 'sheet',
    job_error_msg: 'success',
    ...finished,
  });
  expect(sdk.simulator.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    `POST ${tokenPath}`,
    `GET ${importPath}`,
  ]);
  expect(sdk.simulator.requests[1]?.headers.authorization).toBe(
    `Bearer ${sdk.simulator.issuedTokens[0]}`,
  );
});

test('makes the official SDK throw with code and log id for HTTP 400', async () => {
  await using sdk = await startForSdk('cli_sdk_refused', { error: { code: 1069904 } });

  const answer = sdk.client.drive.v1.importTask.get({ path: { ticket } });

  await expect(answer).rejects.toMatchObject({
    response: { status: 400, data: { code: 1069904, error: { log_id: expect.any(String) } } },
  });
});

test('makes the official SDK throw for a refused app secret', async () => {
  await using sdk = await startForSdk('cli_sdk_secret', { result: finished });
  sdk.simulator.scriptTokenEndpoint([{ error: { code: 10014 } }]);

  const answer = sdk.client.drive.v1.importTask.get({ path: { ticket } });

  await expect(answer).rejects.toThrow('code: 10014, msg: app secret invalid');
});

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { profileFromConfig } from '../../functions/credentials/profiles.ts';
import { httpSender, type SendHttp } from '../../functions/feishu/http.ts';
import { importQuery } from '../../functions/feishu/import-query.ts';
import { nodeClient } from '../../functions/feishu/node-client.ts';
import { documentedCodes } from '../../infra/local/feishu-simulator/documented-codes.ts';
import {
  demoApp,
  type FeishuSimulator,
  type FeishuSimulatorOptions,
  type Reply,
  startFeishuSimulator,
  type TokenReply,
} from '../../infra/local/feishu-simulator.ts';
import documented from '../reference/import-codes.json' with { type: 'json' };

const ticket = '7369583175086912356';
const finished = {
  job_status: 0,
  token: 'Fm7osyjtMh5o7Ktrv32c73abcef',
  url: 'https://example.feishu.cn/sheets/Fm7osyjtMh5o7Ktrv32c73abcef',
  extra: ['2000'],
};
const pending: Reply = { result: { job_status: 2 } };

type ClientOptions = FeishuSimulatorOptions & {
  timeoutMs?: number;
  app?: typeof demoApp;
  path?: string;
  /** Stands between the client and the network. */
  around?: (send: SendHttp) => SendHttp;
};

/** A client and the simulator that it asks about `ticket`. */
async function startClient(replies: Reply[] = [pending], options: ClientOptions = {}) {
  const { timeoutMs = 2000, app = demoApp, path = '', now = Date.now, around } = options;
  const simulator = await startFeishuSimulator(options);
  simulator.script(ticket, { replies });
  const send = httpSender({ timeoutMs, now, makeClient: nodeClient });
  const profile = profileFromConfig(
    { baseUrl: simulator.url + path, app },
    { send: around ? around(send) : send, now },
  )('default');
  if (profile.kind !== 'profile') throw new Error(profile.reason);
  const queryImport = async (queried: string, deadline: number) =>
    (await profile.queryImport(queried, deadline)).answer;

  return {
    simulator,
    query: (deadline = now() + 60_000) => queryImport(ticket, deadline),
    queryImport,
    [Symbol.asyncDispose]: simulator.close,
  };
}

/** What the simulator was asked for, in order. */
const asked = ({ requests }: FeishuSimulator) =>
  requests.map(({ path }) => (path.includes('/auth/') ? 'token' : 'query'));

const refusal = (parts: object) => ({
  kind: 'refusal',
  asked: 'import',
  httpStatus: 400,
  msg: expect.anything(),
  logId: expect.stringMatching(/^\d{14}[0-9A-F]{18}$/),
  missingScopes: [],
  retryAfterSeconds: 0,
  ...parts,
});

test('asks for a token with the credentials of the app, then for the import with the token', async () => {
  await using client = await startClient();

  await client.query();

  const [first, second] = client.simulator.requests;
  expect(client.simulator.requests).toHaveLength(2);
  expect(first).toMatchObject({
    method: 'POST',
    path: '/open-apis/auth/v3/tenant_access_token/internal',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: '{"app_id":"cli_simulator","app_secret":"simulator-secret"}',
  });
  expect(second).toMatchObject({
    method: 'GET',
    path: `/open-apis/drive/v1/import_tasks/${ticket}`,
    headers: {
      authorization: `Bearer ${client.simulator.issuedTokens[0]}`,
      accept: 'application/json',
    },
    body: '',
  });
});

test('asks below the path of the base URL', async () => {
  await using client = await startClient([pending], { path: '/gateway' });

  await client.query();

  expect(client.simulator.requests[0]?.path).toBe(
    '/gateway/open-apis/auth/v3/tenant_access_token/internal',
  );
});

test.for([
  '',
  '../../auth/v3/app_access_token',
  'a/b',
  'a?b=c',
  'a#b',
  'a%2Fb',
  'a b',
  'a.b',
  `${ticket}\n`,
  ` ${ticket}`,
  '７３６９',
  'x'.repeat(65),
])('throws before it asks for the ticket %j', async (invalid) => {
  await using client = await startClient();

  await expect(client.queryImport(invalid, Date.now() + 1000)).rejects.toThrow(
    'a ticket must be checked before it is asked for',
  );
  expect(client.simulator.requests).toEqual([]);
});

test.for(['x', 'x'.repeat(64), '-_-'])('asks for the ticket %s', async (valid) => {
  await using client = await startClient();

  await client.queryImport(valid, Date.now() + 1000);

  expect(client.simulator.requests[1]?.path).toBe(`/open-apis/drive/v1/import_tasks/${valid}`);
});

test('tells of a finished import', async () => {
  await using client = await startClient([{ result: finished }]);

  expect(await client.query()).toEqual({
    kind: 'result',
    ticket,
    jobStatus: 0,
    jobErrorMsg: 'success',
    type: 'sheet',
    token: finished.token,
    url: finished.url,
    extra: ['2000'],
    httpStatus: 200,
    logId: expect.stringMatching(/^\d{14}[0-9A-F]{18}$/),
  });
});

test.for(documented.job_status.map(({ code }) => code))('tells of job_status %i', async (code) => {
  await using client = await startClient([{ result: { job_status: code, job_error_msg: 'why' } }]);

  expect(await client.query()).toMatchObject({
    kind: 'result',
    ticket,
    jobStatus: code,
    jobErrorMsg: 'why',
  });
});

test('tells of an answer without a result', async () => {
  await using client = await startClient([{ result: null }]);

  expect(await client.query()).toMatchObject({ kind: 'result', jobStatus: undefined, extra: [] });
});

const isTokenRefusal = (code: number) => tokenRefusals.includes(code);
const tokenRefusals = [
  99991661, 99991663, 99991664, 99991665, 99991668, 99991671, 99991677, 4001, 20005, 20006, 20013,
  20014,
];
const otherCodes = Object.entries(documentedCodes)
  .map(([code, { http = 400, msg }]) => [Number(code), http, msg] as const)
  .filter(([code]) => !isTokenRefusal(code) && code !== 99991672 && code !== 99991679);

test.for(otherCodes)(
  'tells of code %i with HTTP status %i, and asks once',
  async ([code, http, msg]) => {
    await using client = await startClient([{ error: { code, http } }]);

    expect(await client.query()).toEqual(refusal({ code, httpStatus: http, msg }));
    expect(asked(client.simulator)).toEqual(['token', 'query']);
  },
);

test.for([99991672, 99991679])('names the scopes that are missing at %i', async (code) => {
  await using client = await startClient([{ error: { code } }]);

  expect(await client.query()).toEqual(
    refusal({
      code,
      missingScopes: ['docs:document:import', 'drive:drive', 'drive:drive:readonly'],
    }),
  );
});

test.for([
  ['429', {}, { httpStatus: 429, code: 99991400, retryAfterSeconds: 1 }],
  ['400', { http: 400, resetSeconds: 52 }, { httpStatus: 400, retryAfterSeconds: 52 }],
  ['fractional seconds', { resetSeconds: '5.5' }, { retryAfterSeconds: 5.5 }],
  ['retry-after', { resetSeconds: null, retryAfter: '7' }, { retryAfterSeconds: 7 }],
  ['no header', { resetSeconds: null }, { retryAfterSeconds: 0 }],
  ['another code', { code: 9499, msg: 'too many request' }, { code: 9499 }],
] as const)('tells of a rate limit with %s', async ([, rateLimit, told]) => {
  await using client = await startClient([{ rateLimit }]);

  expect(await client.query()).toMatchObject({ kind: 'refusal', asked: 'import', ...told });
  expect(asked(client.simulator)).toEqual(['token', 'query']);
});

const html = '<!DOCTYPE html>\n<html>\n  <body>403 Forbidden</body>\n</html>\n';

test.for([
  [200, html, '<!DOCTYPE html> <html> <body>403 Forbidden</body> </html>'],
  [403, html, '<!DOCTYPE html> <html> <body>403 Forbidden</body> </html>'],
  [404, '404 page not found', '404 page not found'],
  [502, html, '<!DOCTYPE html> <html> <body>403 Forbidden</body> </html>'],
  [302, '', undefined],
  [200, '', undefined],
  [503, '', undefined],
  [200, '{"code":0,"data":{"result":{"job_status":0', '{"code":0,"data":{"result":{"job_status":0'],
  [200, 'null', undefined],
  [200, '[]', undefined],
] as const)('tells of HTTP status %i with the body %j', async ([http, body, msg]) => {
  await using client = await startClient([{ raw: { http, body } }]);

  expect(await client.query()).toEqual(refusal({ httpStatus: http, code: undefined, msg }));
  expect(asked(client.simulator)).toEqual(['token', 'query']);
});

test('does not follow a redirect', async () => {
  await using other = await startFeishuSimulator();
  const headers = { location: `${other.url}/open-apis/drive/v1/import_tasks/${ticket}` };
  await using client = await startClient([{ raw: { http: 307, body: '', headers } }]);

  expect(await client.query()).toMatchObject({ kind: 'refusal', httpStatus: 307 });
  expect(other.requests).toEqual([]);
});

const faults = [
  ['drop', /ECONNRESET|other side closed/],
  ['dropMidBody', /ECONNRESET|other side closed|terminated/],
  ['endlessBody', /^an answer of more than 1048576 bytes$/],
  ['slowBody', /^no whole answer within 150 ms$/],
  ['silence', /^no whole answer within 150 ms$/],
] as const;

test.for(faults)('has no answer in %s to the query', async ([fault, reason]) => {
  const timeoutMs = fault === 'endlessBody' ? 5000 : 150;
  await using client = await startClient([{ fault }], { timeoutMs });

  expect(await client.query()).toMatchObject({
    kind: 'no_answer',
    reason: expect.stringMatching(reason),
  });
});

test.for(faults)('has no answer in %s to the request for a token', async ([fault, reason]) => {
  const timeoutMs = fault === 'endlessBody' ? 5000 : 150;
  await using client = await startClient([pending], { timeoutMs });
  client.simulator.scriptTokenEndpoint([{ fault }]);

  expect(await client.query()).toMatchObject({
    kind: 'no_answer',
    reason: expect.stringMatching(reason),
  });
  expect(asked(client.simulator)).toEqual(['token']);
});

test('asks once more where a reused connection was dropped', async () => {
  await using client = await startClient([pending, { fault: 'drop' }, { result: finished }]);
  await client.query();
  await sleep(5);

  expect(await client.query()).toMatchObject({ kind: 'result', jobStatus: 0 });
  expect(client.simulator.queriesOf(ticket)).toBe(3);
});

test('has no answer while nobody listens', async () => {
  await using client = await startClient();
  await client.simulator.close();

  expect(await client.query()).toMatchObject({
    kind: 'no_answer',
    reason: expect.stringMatching(/^connect ECONNREFUSED /),
  });
});

test.for([
  [{ error: { code: 10003 } }, { code: 10003, httpStatus: 200 }],
  [{ error: { code: 10014 } }, { code: 10014, msg: 'app secret invalid' }],
  [{ error: { code: 10015 } }, { code: 10015, msg: 'wrong app secret' }],
  [{ error: { code: 99991400, http: 429 } }, { code: 99991400, httpStatus: 429 }],
  [{ rateLimit: { resetSeconds: 3 } }, { code: 99991400, retryAfterSeconds: 3 }],
  [{ error: { code: 99991663 } }, { code: 99991663, httpStatus: 400 }],
  [{ raw: { http: 502, body: html } }, { code: undefined, httpStatus: 502 }],
  [{ raw: { http: 200, body: html } }, { code: undefined, httpStatus: 200 }],
  [{ raw: { http: 200, body: '{"code":0,"msg":"ok"}' } }, { code: undefined, msg: 'ok' }],
] as [TokenReply, object][])(
  'asks for no import where the token endpoint says %j',
  async ([reply, told]) => {
    await using client = await startClient();
    client.simulator.scriptTokenEndpoint([reply]);

    expect(await client.query()).toMatchObject({ kind: 'refusal', asked: 'token', ...told });
    expect(asked(client.simulator)).toEqual(['token']);
  },
);

test.for([
  ['an unknown app', { ...demoApp, appId: 'cli_forged' }, 10003],
  ['a wrong secret', { ...demoApp, appSecret: 'forged' }, 10014],
] as const)('is refused a token for %s', async ([, app, code]) => {
  await using client = await startClient([pending], { app });

  expect(await client.query()).toMatchObject({ kind: 'refusal', asked: 'token', code });
});

test.for([
  ['the token, where there is one', 'user', { kind: 'token', token: 'u-1', lifeSeconds: 7200 }],
  ['a tenant where there was none', 'tenant', { kind: 'no_profile', reason: 'no such secret' }],
] as const)('tells whose token it asked with: that of %s', async ([, accessToken, token]) => {
  const send: SendHttp = async () => ({ kind: 'no_answer', reason: 'nobody there' });
  const issued = { ...token, accessToken: 'user', baseUrl: 'https://open.feishu.cn' } as const;
  const tokens = { token: async () => issued, evict: () => {} };

  const queried = await importQuery({ send, now: Date.now }, tokens)(ticket, Date.now() + 1000);

  expect(queried).toMatchObject({ accessToken });
});

test('asks for a token again after it was refused one', async () => {
  await using client = await startClient();
  client.simulator.scriptTokenEndpoint([{ error: { code: 10014 } }, { fault: 'dropMidBody' }]);
  await client.query();
  await client.query();

  expect(await client.query()).toMatchObject({ kind: 'result' });
  expect(asked(client.simulator)).toEqual(['token', 'token', 'token', 'query']);
});

test('asks for one token in 200 concurrent queries', async () => {
  await using client = await startClient();
  client.simulator.scriptTokenEndpoint([{ issue: true, delayMs: 20 }]);

  const answers = await Promise.all(Array.from({ length: 200 }, () => client.query()));

  expect(answers).toEqual(Array(200).fill(expect.objectContaining({ jobStatus: 2 })));
  expect(asked(client.simulator)).toEqual(['token', ...Array(200).fill('query')]);
});

test('shares a refused token request between concurrent queries', async () => {
  await using client = await startClient();
  client.simulator.scriptTokenEndpoint([{ error: { code: 10014 }, delayMs: 20 }]);

  const answers = await Promise.all([client.query(), client.query(), client.query()]);

  expect(answers).toEqual(Array(3).fill(expect.objectContaining({ asked: 'token', code: 10014 })));
  expect(asked(client.simulator)).toEqual(['token']);
});

test('asks with one token until it has 30 minutes left, then for a new one', async () => {
  let now = Date.parse('2026-10-01T08:00:00Z');
  await using client = await startClient([pending], { now: () => now });
  await client.query();

  now += (7200 - 1800) * 1000 - 1;
  await client.query();
  now += 2;
  await client.query();

  expect(asked(client.simulator)).toEqual(['token', 'query', 'query', 'token', 'query']);
  expect(client.simulator.issuedTokens).toHaveLength(2);
});

test('asks for a token each time where none lives for more than 30 minutes', async () => {
  await using client = await startClient([pending], { tokenSeconds: 1800 });

  await client.query();
  await client.query();

  expect(asked(client.simulator)).toEqual(['token', 'query', 'token', 'query']);
});

test.for(tokenRefusals)('renews the token once where it is refused with %i', async (code) => {
  await using client = await startClient([{ error: { code } }, { result: finished }]);

  expect(await client.query()).toMatchObject({ kind: 'result', jobStatus: 0 });
  expect(asked(client.simulator)).toEqual(['token', 'query', 'token', 'query']);
});

test.for(tokenRefusals)('tells of code %i where the new token is refused too', async (code) => {
  await using client = await startClient([{ error: { code } }]);

  expect(await client.query()).toMatchObject({ kind: 'refusal', asked: 'import', code });
  expect(asked(client.simulator)).toEqual(['token', 'query', 'token', 'query']);
});

test.for([200, 401])('renews a token that is refused with HTTP status %i', async (http) => {
  await using client = await startClient([{ error: { code: 99991663, http } }, pending]);

  expect(await client.query()).toMatchObject({ kind: 'result', jobStatus: 2 });
});

test('asks with the new token, and goes on with it', async () => {
  await using client = await startClient();
  await client.query();
  client.simulator.expireTokens();

  await client.query();
  await client.query();

  const [first, second] = client.simulator.issuedTokens;
  const sent = client.simulator.requests.flatMap(({ headers }) => headers.authorization ?? []);
  expect(sent).toEqual([first, first, second, second].map((token) => `Bearer ${token}`));
});

test('renews a token once for all whose query it was refused to', async () => {
  await using client = await startClient();
  await client.query();
  client.simulator.expireTokens();

  const answers = await Promise.all(Array.from({ length: 20 }, () => client.query()));

  expect(answers).toEqual(Array(20).fill(expect.objectContaining({ jobStatus: 2 })));
  expect(asked(client.simulator).filter((path) => path === 'token')).toHaveLength(2);
});

test.for([
  [{ rateLimit: { resetSeconds: 9 } }, { asked: 'token', code: 99991400, retryAfterSeconds: 9 }],
  [{ error: { code: 10014 } }, { asked: 'token', code: 10014 }],
  [{ raw: { http: 500, body: '' } }, { asked: 'token', httpStatus: 500 }],
  [{ error: { code: 99991663 } }, { asked: 'token', code: 99991663 }],
  [{ fault: 'silence' }, { kind: 'no_answer' }],
] as [TokenReply, object][])(
  'tells what came of the renewal where it is answered %j',
  async ([reply, told]) => {
    await using client = await startClient([{ error: { code: 99991663 } }], { timeoutMs: 150 });
    client.simulator.scriptTokenEndpoint(['issue', reply]);

    expect(await client.query()).toMatchObject(told);
    expect(asked(client.simulator)).toEqual(['token', 'query', 'token']);
  },
);

test('a token that is refused after a broken connection is renewed for the next query', async () => {
  const queries: boolean[] = [];
  await using client = await startClient([{ error: { code: 99991663 } }, pending], {
    around: (send) => async (request) => {
      const http = await send(request);
      if (request.method === 'POST') return http;
      queries.push(request.mayRepeat === true);
      return http.kind === 'http' && queries.length === 1 ? { ...http, repeated: true } : http;
    },
  });

  expect(await client.query()).toEqual({
    kind: 'no_answer',
    reason: 'the access token was refused after the connection had broken, and was discarded',
    reasonZh: expect.any(String),
    httpStatus: 400,
  });
  expect(asked(client.simulator)).toEqual(['token', 'query']);
  expect(await client.query()).toMatchObject({ kind: 'result' });
  expect(asked(client.simulator)).toEqual(['token', 'query', 'token', 'query']);
  expect(queries).toEqual([true, true]);
});

test('after a token was renewed no query is repeated', async () => {
  const mayRepeat: unknown[] = [];
  await using client = await startClient([{ error: { code: 99991663 } }, pending], {
    around: (send) => (request) => {
      if (request.method === 'GET') mayRepeat.push(request.mayRepeat);
      return send(request);
    },
  });

  expect(await client.query()).toMatchObject({ kind: 'result' });
  expect(mayRepeat).toEqual([true, false]);
});

test('gives all requests of a query one deadline', async () => {
  const deadlines: number[] = [];
  await using client = await startClient([{ error: { code: 99991663 } }], {
    around: (send) => (request) => {
      deadlines.push(request.deadline);
      return send(request);
    },
  });
  const deadline = Date.now() + 5000;

  await client.query(deadline);

  expect(deadlines).toEqual([deadline, deadline, deadline, deadline]);
});

test.for([
  [1, ['token']],
  [2, ['token', 'query']],
  [3, ['token', 'query', 'token']],
] as const)('sends nothing after the deadline, which is over after %i requests', async (row) => {
  const [inTime, sent] = row;
  let now = 0;
  await using client = await startClient([{ error: { code: 99991663 } }], {
    now: () => now,
    around: (send) => async (request) => {
      const answer = await send(request);
      now += 1000;
      return answer;
    },
  });

  expect(await client.query(inTime * 1000)).toMatchObject({
    kind: 'no_answer',
    reason: 'there was no time left to ask',
  });
  expect(asked(client.simulator)).toEqual(sent);
});

test('ends at its deadline, however its requests share the time', async () => {
  await using client = await startClient([{ fault: 'silence' }], { timeoutMs: 20_000 });
  client.simulator.scriptTokenEndpoint([{ issue: true, delayMs: 60 }]);
  const startedAt = Date.now();

  expect(await client.query(startedAt + 120)).toMatchObject({ kind: 'no_answer' });
  expect(Date.now() - startedAt).toBeLessThan(1000);
});

const { appSecret } = demoApp;
const echoes = (secret: string): [string, TokenReply & Reply][] => {
  const text = `Bearer ${secret}, ${secret}`;
  const json = (body: object) => ({
    raw: { http: 400, body: JSON.stringify(body), headers: { 'x-tt-logid': '' } },
  });
  const page = `<html>Authorization: Bearer ${secret}</html>`;
  return [
    ['msg', { error: { code: 1069904, msg: text } }],
    ['the scopes', { error: { code: 99991672, missingScopes: [secret] } }],
    ['error.log_id', json({ code: 1069904, error: { log_id: text } })],
    ['error.logid', json({ code: 1069904, error: { logid: text } })],
    ['log_id', json({ code: 1069904, log_id: text })],
    [
      'x-tt-logid',
      { raw: { http: 400, body: '{"code":1069904}', headers: { 'x-tt-logid': text } } },
    ],
    ['a page at 200', { raw: { http: 200, body: page } }],
    ['a page at 403', { raw: { http: 403, body: page } }],
    ['a long page', { raw: { http: 403, body: 'x'.repeat(465) + page } }],
    ['broken JSON', { raw: { http: 400, body: `{"request":"${text}"` } }],
  ];
};

test.for(echoes(appSecret))(
  'does not tell the app secret that comes back in %s',
  async ([, reply]) => {
    await using client = await startClient();
    client.simulator.scriptTokenEndpoint([reply]);

    const answer = JSON.stringify(await client.query());

    expect(answer).toContain('[sec');
    expect(answer).not.toContain(appSecret);
  },
);

const result = (fields: object): Reply => ({ result: { job_status: 3, ...fields } });

test.for([
  ...echoes('{token}'),
  ['job_error_msg', result({ job_error_msg: 'Bearer {token}' })],
  ['extra', result({ extra: ['{token}', 'x {token}'] })],
  ['type', result({ type: '{token}' })],
  ['token', result({ token: '{token}' })],
  ['url', result({ url: 'https://example.feishu.cn/?access_token={token}' })],
] as [string, Reply][])('does not tell the token that comes back in %s', async ([, reply]) => {
  await using client = await startClient();
  await client.query();
  const token = client.simulator.issuedTokens[0] ?? '';
  const echo = JSON.parse(JSON.stringify(reply).replaceAll('{token}', token));
  client.simulator.script(ticket, { replies: [echo] });

  const answer = JSON.stringify(await client.query());

  expect(answer).toContain('[sec');
  expect(answer).not.toContain(token);
});

test.for(['{"code":0,"tenant_access_token":"t-7f1bcd13fc57d46b","exp', '"t-7f1bcd13fc57d46b"'])(
  'does not tell the token of an answer that it cannot read: %s',
  async (body) => {
    await using client = await startClient();
    client.simulator.scriptTokenEndpoint([{ raw: { http: 200, body } }]);

    expect(JSON.stringify(await client.query())).not.toContain('t-7f1');
  },
);

test('cuts a long text of Feishu between whole characters', async () => {
  await using client = await startClient([result({ job_error_msg: '😀'.repeat(600) })]);

  expect(await client.query()).toMatchObject({ jobErrorMsg: `${'😀'.repeat(499)}…` });
});

test('hands on numbers, keys and nesting that no client expects', async () => {
  const body =
    '{"code":99991663,"code":0,"__proto__":{"code":1},"data":{"result":' +
    '{"job_status":2,"ticket":7369583175086912356,"huge":1e999,"extra":["2000",2001,null,"x"]}}}';
  await using client = await startClient([{ raw: { http: 200, body } }]);

  expect(await client.query()).toMatchObject({
    kind: 'result',
    ticket: undefined,
    jobStatus: 2,
    extra: ['2000', '2001', 'x'],
  });
});

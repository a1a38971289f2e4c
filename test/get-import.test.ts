import { expect, test } from 'vitest';
import type { Reply } from '../infra/local/feishu-simulator.ts';
import {
  awsFault,
  document,
  machines,
  scripts,
  startApiAlone,
  startTestMachine,
  startTestWorkflow,
  unseenFor,
} from './test-workflow.ts';

const ticket = '7369583175086912356';
const id = `default_${ticket}_1`;
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const whose = { id, ticket, profile: 'default', started_at: time, finished_at: time };

type Entered = { state: string; at: number; input: unknown };

/** The workflow with a running import that has been asked for twice, and when and for how long it then waits. */
async function startWaiting() {
  const waiting = Promise.withResolvers<Entered>();
  const workflow = await startTestWorkflow({
    onStateEntered: (event) => {
      const queries = (event.input as { query?: { queries: number } }).query?.queries;
      if (event.state === 'WaitBeforeNextQuery' && queries === 2) waiting.resolve(event);
    },
  });
  workflow.simulator.script(ticket, scripts.isLimited);
  await workflow.call('POST', '/imports', { ticket });
  const { at, input } = await waiting.promise;
  const { wait_seconds } = (input as { query: { wait_seconds: number } }).query;
  return { ...workflow, waitsSince: at, waitSeconds: wait_seconds };
}

test('tells how far a running import is, and when it is worth another look', async () => {
  const { api, waitsSince, waitSeconds } = await startWaiting();
  const { get } = await api({ now: () => waitsSince });

  const { status, headers, json } = await get(id);

  expect(status).toBe(200);
  expect(headers).toEqual({
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'retry-after': String(waitSeconds + 1),
  });
  expect(json).toEqual({
    ...whose,
    status: 'running',
    finished_at: null,
    progress: {
      queries: 2,
      job_status: 2,
      meaning: 'task is being processed',
      meaning_zh: '处理中',
      next_query_at: new Date(waitsSince + waitSeconds * 1000).toISOString(),
    },
  });
});

test('answers over HTTP what the function answers', async () => {
  const { api, call } = await startWaiting();
  const { json: expected } = await (await api()).get(id);

  const { status, headers, json } = await call('GET', `/imports/${id}`);

  expect(status).toBe(200);
  expect(headers).toMatchObject({ 'content-type': 'application/json' });
  expect(Number(headers['retry-after'])).toBeGreaterThan(2000);
  expect(json).toEqual(expected);
});

test('tells that nothing is known before the first query', async () => {
  const { api, start } = await startTestMachine({
    query: () => new Promise(() => {}),
    timeLapse: 1,
  });
  await start(id, { ticket });
  const { get } = await api();
  await expect
    .poll(async () => (await get(id)).json.progress, { interval: 5, timeout: 10_000 })
    .toBeDefined();

  const { headers, json } = await get(id);

  expect(headers).toMatchObject({ 'retry-after': '5' });
  expect(json.progress).toEqual({
    queries: 0,
    job_status: -1,
    meaning: 'Feishu has not reported a status yet',
    meaning_zh: '飞书尚未返回状态',
    next_query_at: time,
  });
});

test('tells of a query on its way what was known before it', async () => {
  const { api, call, simulator } = await startTestWorkflow();
  simulator.script(ticket, {
    replies: [{ result: { job_status: 1 } }, { result: null, delayMs: 10_000 }],
  });
  await call('POST', '/imports', { ticket });
  await expect.poll(() => simulator.queriesOf(ticket), { interval: 5, timeout: 10_000 }).toBe(2);

  const { headers, json } = await (await api()).get(id);

  expect(headers).toMatchObject({ 'retry-after': '5' });
  expect(json.progress).toMatchObject({ queries: 1, job_status: 1, next_query_at: time });
});

test('tells of a query that is retried again and again what was known before it', async () => {
  const answer = { outcome: 'pending', job_status: 1, wait_seconds: 1, queries: 1 };
  let attempts = 0;
  const { api, start } = await startTestMachine({
    query: async () => {
      attempts += 1;
      if (attempts === 1) return answer;
      if (attempts > 7) return new Promise(() => {});
      throw Object.assign(new Error('later'), { name: 'Lambda.TooManyRequestsException' });
    },
  });
  await start(id, { ticket });
  await expect.poll(() => attempts, { interval: 5, timeout: 10_000 }).toBe(8);

  const { json } = await (await api()).get(id);

  expect(json.progress).toMatchObject({ queries: 1, job_status: 1, next_query_at: time });
});

test('leaves out the progress when AWS throttles the history', async () => {
  const { api, start } = await startTestMachine({
    definition: machines.waits,
    throttling: true,
    buckets: { GetExecutionHistory: { size: 0, refillPerSecond: 0 } },
  });
  await start(id, { ticket });
  const { get, calls } = await api({ maxAttempts: 3 });

  const { status, headers, json } = await get(id);

  expect(status).toBe(200);
  expect(headers).toMatchObject({ 'retry-after': '5' });
  expect(json).toEqual({ ...whose, status: 'running', finished_at: null });
  // its calls are scarce
  expect(calls).toEqual(['DescribeExecution', 'GetExecutionHistory']);
});

test('leaves out the progress while the history of a new import is not there yet', async () => {
  const { api, start } = await startTestMachine({ definition: machines.waits });
  await start(id, { ticket });
  const { get } = await api({
    meddle: async (operation, pass) =>
      operation === 'GetExecutionHistory' ? awsFault('ExecutionDoesNotExist') : pass(),
  });

  const { status, json } = await get(id);

  expect(status).toBe(200);
  expect(json).toEqual({ ...whose, status: 'running', finished_at: null });
});

const found = { queries: 1, elapsed_seconds: expect.any(Number) };
const causeKeys = [
  'message',
  'message_zh',
  'advice',
  'advice_zh',
  'ticket',
  'retryable',
  'reimport',
  'queries',
  'elapsed_seconds',
];

const warned: Reply = { result: { job_status: 0, ...document, extra: ['2000', '4711'] } };
const warning = {
  code: '2000',
  applies_to: 'sheet',
  meaning: 'too many columns; the rest was cut off',
  meaning_zh: '表格列数超过最大限制',
};

test('tells of an import that succeeded where the document is', async () => {
  const { call, simulator, ended } = await startTestWorkflow();
  simulator.script(ticket, { replies: [{ result: { job_status: 0, ...document } }] });
  await call('POST', '/imports', { ticket });
  await ended(id);

  const { status, headers, json } = await call('GET', `/imports/${id}`);

  expect(status).toBe(200);
  expect(headers).not.toHaveProperty('retry-after');
  expect(json).toEqual({
    ...whose,
    ...found,
    status: 'succeeded',
    job_status: 0,
    complete: true,
    document: { type: 'sheet', ...document },
    warnings: [],
  });
});

test('tells of an import that succeeded in part what was cut off', async () => {
  const { call, simulator, ended } = await startTestWorkflow();
  simulator.script(ticket, { replies: [warned] });
  await call('POST', '/imports', { ticket });
  await ended(id);

  const { json } = await call('GET', `/imports/${id}`);

  expect(json).toMatchObject({ status: 'succeeded', complete: false });
  expect(json.warnings).toEqual([warning, expect.objectContaining({ code: '4711' })]);
});

test('tells of an import that failed why, and what to do', async () => {
  const { call, simulator, ended } = await startTestWorkflow();
  simulator.script(ticket, scripts.fails);
  await call('POST', '/imports', { ticket });
  await ended(id);

  const { status, json } = await call('GET', `/imports/${id}`);

  expect(status).toBe(200);
  expect(json).toEqual({
    ...whose,
    ...found,
    status: 'failed',
    job_status: 100,
    error: expect.objectContaining({
      name: 'Import.FileEncrypted',
      ticket,
      retryable: false,
      reimport: false,
      job_status: 100,
      job_error_msg: 'encrypted',
      queries: 1,
    }),
  });
  expect(Object.keys(json.error)).toEqual(expect.arrayContaining(['name', ...causeKeys]));
});

test('tells of a failure that was returned the same', async () => {
  const { call, simulator, ended } = await startTestWorkflow();
  simulator.script(ticket, scripts.fails);
  await call('POST', '/imports', { ticket, on_failure: 'return' });
  expect(await ended(id)).toMatchObject({ status: 'SUCCEEDED' });

  const { json } = await call('GET', `/imports/${id}`);

  expect(json).toEqual({
    ...whose,
    ...found,
    status: 'failed',
    job_status: 100,
    error: expect.objectContaining({ name: 'Import.FileEncrypted', job_status: 100, ticket }),
  });
});

test('tells of an import that was not finished in time that it timed out', async () => {
  const { call, simulator, ended } = await startTestWorkflow();
  simulator.script(ticket, scripts.neverEnds);
  await call('POST', '/imports', { ticket, timeout_seconds: 5 });
  await ended(id);

  const { json } = await call('GET', `/imports/${id}`);

  expect(json).toMatchObject({
    status: 'timed_out',
    finished_at: time,
    error: { name: 'Import.TimedOut', retryable: true, reimport: false, job_status: 2 },
  });
});

test('tells of an import that was cancelled', async () => {
  const { api, start } = await startTestMachine({ definition: machines.waits });
  const { get, delete: cancel } = await api();
  await start(id, { ticket });
  await cancel(id);

  const { status, headers, json } = await get(id);

  expect(status).toBe(200);
  expect(headers).not.toHaveProperty('retry-after');
  expect(json).toEqual({ ...whose, status: 'cancelled' });
});

test('tells of an execution that AWS ended for its age that it timed out', async () => {
  const { api, start, ended } = await startTestMachine({ definition: machines.timesOut });
  await start(id, { ticket });
  await ended(id);

  const { json } = await (await api()).get(id);

  expect(json).toMatchObject({ ...whose, status: 'timed_out', error: { name: 'Import.TimedOut' } });
});

test('tells of an import that broke in us what the state machine says', async () => {
  const { api, start, ended } = await startTestMachine({
    query: async () => {
      throw new TypeError('a bug');
    },
  });
  await start(id, { ticket });
  await ended(id);

  const { json } = await (await api()).get(id);

  expect(json).toMatchObject({ ...whose, status: 'failed', error: { name: 'Internal.Error' } });
  expect(json.error.message).toContain('Something broke in this workflow');
  expect(json.error.retryable).toBe(true);
});

test.for([
  ['a foreign error', machines.fails, 'Other.Error: some text'],
  ['a Cause that cannot be read', machines.failsUnreadably, 'Feishu.Rejected: {"half":'],
] as const)('keeps the text of %s', async ([, definition, message]) => {
  const { api, start, ended } = await startTestMachine({ definition });
  await start(id, { ticket });
  await ended(id);

  const { json } = await (await api()).get(id);

  expect(json).toMatchObject({
    ...whose,
    status: 'failed',
    error: { name: 'Internal.Error', message },
  });
});

test.for([
  ['2f8b4c1e-0000-4000-8000-000000000000', '[]', null, null],
  ['nightly-42', '5', null, null],
  ['nightly_43', '{}', null, 'default'],
  ['x', '{"profile":"other"}', null, 'other'],
  ['y', '{"ticket":7369583175086912356}', null, 'default'],
] as const)(
  'reads the execution %s that others started with %s',
  async ([name, input, expectedTicket, profile]) => {
    const { call, start, ended } = await startTestWorkflow();
    await start(name, input);
    await ended(name);

    const { status, json } = await call('GET', `/imports/${name}`);

    expect(status).toBe(200);
    expect(json).toMatchObject({
      id: name,
      ticket: expectedTicket,
      profile,
      status: 'failed',
      error: { name: 'Input.Invalid', ticket: expectedTicket },
    });
  },
);

test('reads an execution by a name that only AWS would give', async () => {
  const name = '导入.2026=11@home';
  const described = { input: '{"ticket":"a"}', status: 'ABORTED', startDate: 0, stopDate: 1 };
  const { get, calls } = await startApiAlone({
    meddle: async () => ({ status: 200, body: JSON.stringify(described) }),
  });

  const { status, json } = await get(name);

  expect(status).toBe(200);
  expect(json).toMatchObject({ id: name, ticket: 'a', status: 'cancelled' });
  expect(calls).toEqual(['DescribeExecution']);
});

test('asks AWS only once about an import that has ended', async () => {
  const { api, start, ended } = await startTestMachine({
    definition: machines.fails,
  });
  await start(id, { ticket });
  await ended(id);
  const { get, calls } = await api();

  const first = await get(id);
  const second = await get(id);

  expect(second).toEqual(first);
  expect(calls).toEqual(['DescribeExecution']);
});

test('waits for an import that was started a moment ago', async () => {
  const { api, start } = await startTestMachine({ definition: machines.waits });
  await start(id, { ticket });
  const slept: number[] = [];
  const { get } = await api({
    sleep: async (milliseconds) => void slept.push(milliseconds),
    meddle: unseenFor(2),
  });

  const { status, json } = await get(id);

  expect(status).toBe(200);
  expect(json).toMatchObject({ id, status: 'running' });
  expect(slept).toEqual([200, 400]);
});

test('says after a second or two that there is no such import', async () => {
  const slept: number[] = [];
  const { api } = await startTestMachine({ definition: machines.waits });
  const { get, calls } = await api({ sleep: async (ms) => void slept.push(ms) });

  const { status, headers, json } = await get(id);

  expect(status).toBe(404);
  expect(headers).toMatchObject({ 'content-type': 'application/problem+json' });
  expect(json).toEqual({
    type: 'about:blank',
    title: 'Not Found',
    status: 404,
    detail: `There is no import ${id}.`,
  });
  expect(slept).toEqual([200, 400, 800]);
  expect(calls).toEqual(Array(4).fill('DescribeExecution'));
});

test.for(['a b', 'a/b', 'arn:aws:states', 'x'.repeat(81), '*', '\n', ''])(
  'says at once that no import has the id %j',
  async (wrong) => {
    const { get, calls } = await startApiAlone();

    const { status, json } = await get(wrong);

    expect(status).toBe(404);
    expect(json.detail).toMatch(/^No import has such an id/);
    expect(calls).toEqual([]);
  },
);

test.for(['/imports/a%2Fb', '/imports/%20', '/imports/%', `/imports/${'x'.repeat(81)}`])(
  'says over HTTP that there is nothing at %s',
  async (path) => {
    const { call } = await startTestWorkflow();

    const { status, headers, json } = await call('GET', path);

    expect(status).toBe(404);
    expect(headers).toMatchObject({ 'content-type': 'application/problem+json' });
    expect(json.detail).toMatch(/^No import has such an id/);
  },
);

test('lists the runs of a ticket, newest first', async () => {
  const { call, simulator, ended } = await startTestWorkflow();
  simulator.script(ticket, { replies: [{ error: { code: 1069902 } }] });
  for (const run of [1, 2, 3]) {
    await call('POST', '/imports', { ticket });
    await ended(`default_${ticket}_${run}`);
  }
  const third = await call('GET', `/imports/default_${ticket}_3`);

  const { status, headers, json } = await call('GET', `/imports?ticket=${ticket}`);

  expect(status).toBe(200);
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'cache-control': 'no-store',
  });
  expect(Object.keys(json)).toEqual(['imports']);
  expect(idsOf(json)).toEqual([3, 2, 1].map((run) => `default_${ticket}_${run}`));
  expect(json.imports[0]).toEqual(third.json);
});

test('lists a running import with its progress', async () => {
  const { call } = await startWaiting();

  const { json } = await call('GET', `/imports?ticket=${ticket}`);

  expect(json.imports).toEqual([
    expect.objectContaining({ id, status: 'running', progress: expect.any(Object) }),
  ]);
});

test('lists nothing of a ticket that nobody has waited for, and starts nothing', async () => {
  const { api } = await startTestMachine({ definition: machines.waits });
  const { list, calls } = await api();

  const { status, json } = await list({ ticket });

  expect(status).toBe(200);
  expect(json).toEqual({ imports: [] });
  expect(calls).toEqual(['DescribeExecution']);
});

test('lists the runs of each profile apart', async () => {
  const { api } = await startTestMachine({ definition: machines.waits });
  const { post, list } = await api();
  await post({ ticket });
  await post({ ticket, profile: 'other' });

  expect(idsOf((await list({ ticket })).json)).toEqual([id]);
  expect(idsOf((await list({ ticket, profile: 'default' })).json)).toEqual([id]);
  expect(idsOf((await list({ ticket, profile: 'other' })).json)).toEqual([`other_${ticket}_1`]);
  expect(idsOf((await list({ ticket, profile: 'third' })).json)).toEqual([]);
});

/** A machine with so many executions that run. */
async function startRunning(count: number) {
  const machine = await startTestMachine({ definition: machines.waits });
  const names = Array.from({ length: count }, (_, index) => `run-${index + 1}`);
  for (const name of names) await machine.start(name, { ticket });
  return { ...machine, names };
}

test('lists the imports with a status, newest first, 50 a page', async () => {
  const { api, names } = await startRunning(103);
  const { list } = await api();

  const first = await list({ status: 'running' });
  const second = await list({ status: 'running', cursor: first.json.cursor });
  const third = await list({ status: 'running', cursor: second.json.cursor });

  expect([first, second, third].map(({ json }) => json.imports.length)).toEqual([50, 50, 3]);
  expect([first, second, third].flatMap(({ json }) => idsOf(json))).toEqual(names.toReversed());
  expect(first.json.imports[0]).toEqual({
    id: 'run-103',
    status: 'running',
    started_at: time,
    finished_at: null,
  });
  expect(third.json).not.toHaveProperty('cursor');
});

test('goes on where the last page ended, however many were started since', async () => {
  const { api, start, names } = await startRunning(52);
  const { list } = await api();
  const first = await list({ status: 'running' });
  await start('run-53', { ticket });

  const second = await list({ status: 'running', cursor: first.json.cursor });

  expect(idsOf(second.json)).toEqual(names.slice(0, 2).toReversed());
});

test('lists each import under the status that Step Functions gives it', async () => {
  const { call, simulator, api, ended } = await startTestWorkflow();
  const endsBy: [string, object, Reply][] = [
    ['done', {}, { result: { job_status: 0, ...document } }],
    ['returned', { on_failure: 'return' }, { result: { job_status: 100 } }],
    ['failed', {}, { result: { job_status: 100 } }],
    ['late', { timeout_seconds: 3 }, { result: { job_status: 2 } }],
  ];
  for (const [name, request, reply] of endsBy) {
    simulator.script(name, { replies: [reply] });
    await call('POST', '/imports', { ticket: name, ...request });
    await ended(`default_${name}_1`);
  }
  for (const name of ['running', 'cancelled']) {
    simulator.script(name, scripts.isLimited);
    await call('POST', '/imports', { ticket: name });
  }
  await call('DELETE', '/imports/default_cancelled_1');
  const { list } = await api();

  expect(idsOf((await list({ status: 'running' })).json)).toEqual(['default_running_1']);
  expect(idsOf((await list({ status: 'cancelled' })).json)).toEqual(['default_cancelled_1']);
  expect(idsOf((await list({ status: 'succeeded' })).json)).toEqual([
    'default_returned_1',
    'default_done_1',
  ]);
  expect(idsOf((await list({ status: 'failed' })).json)).toEqual([
    'default_late_1',
    'default_failed_1',
  ]);
});

test('tells in the list when an import ended', async () => {
  const { api, start, ended } = await startTestMachine({
    definition: machines.fails,
  });
  await start(id, { ticket });
  await ended(id);
  const { get, list } = await api();

  const { json } = await list({ status: 'failed' });

  const { started_at, finished_at } = (await get(id)).json;
  expect(json).toEqual({ imports: [{ id, status: 'failed', started_at, finished_at }] });
});

const wrongCursor = [{ path: 'cursor', message: 'cursor must be one that a list gave, unchanged' }];

test.for(['made-up', '', '导入', '-1.x'])('refuses the cursor "%s"', async (cursor) => {
  const { api } = await startTestMachine({ definition: machines.waits });

  const { status, json } = await (await api()).list({ status: 'failed', cursor });

  expect(status).toBe(400);
  expect(json.errors).toEqual(wrongCursor);
});

test('refuses the cursor of another list', async () => {
  const { api } = await startRunning(51);
  const { list } = await api();
  const { cursor } = (await list({ status: 'running' })).json;

  const { status, json } = await list({ status: 'failed', cursor });

  expect(status).toBe(400);
  expect(json.errors).toEqual(wrongCursor);
});

test.for([
  ['', '', 'name what to list'],
  ['?', '', 'name what to list'],
  ['?status=done', 'status', 'status must be running, succeeded, failed or cancelled'],
  ['?status=running&status=failed', 'status', 'status must be running'],
  ['?ticket=a&status=running', '', 'name one of the two'],
  ['?ticket=a%2Fb', 'ticket', 'ticket must be 1 to 64'],
  ['?ticket=a&ticket=b', 'ticket', 'ticket must be 1 to 64'],
  ['?status=running&limit=5', 'limit', '"limit" is not known here; known are status, cursor'],
] as const)('refuses GET /imports%s', async ([query, path, message]) => {
  const { call } = await startTestWorkflow();

  const { status, headers, json } = await call('GET', `/imports${query}`);

  expect(status).toBe(400);
  expect(headers).toMatchObject({ 'content-type': 'application/problem+json' });
  expect(json.errors).toEqual([{ path, message: expect.stringContaining(message) }]);
});

test.for([
  ['PUT', '/imports', 'GET, POST'],
  ['DELETE', '/imports', 'GET, POST'],
  ['OPTIONS', '/imports', 'GET, POST'],
  ['POST', `/imports/${id}`, 'GET, DELETE'],
  ['PATCH', `/imports/${id}`, 'GET, DELETE'],
] as const)('refuses %s %s and tells what is allowed', async ([method, path, allow]) => {
  const { call } = await startTestWorkflow();

  const { status, headers, json } = await call(method, path);

  expect(status).toBe(405);
  expect(headers).toMatchObject({ 'content-type': 'application/problem+json', allow });
  expect(json).toEqual({
    type: 'about:blank',
    title: 'Method Not Allowed',
    status: 405,
    detail: `${method} is not allowed here; use ${allow.replace(', ', ' or ')}.`,
  });
});

test.for(['/', '/import', '/imports/', '/imports/a/b', '/favicon.ico'])(
  'says that there is nothing at %s',
  async (path) => {
    const { call } = await startTestWorkflow();

    const { status, headers, json } = await call('GET', path);

    expect(status).toBe(404);
    expect(headers).toMatchObject({ 'content-type': 'application/problem+json' });
    expect(json.detail).toBe('No such path: the API is /imports and /imports/{id}.');
  },
);

function idsOf({ imports }: { imports: { id: string }[] }): string[] {
  return imports.map((resource) => resource.id);
}

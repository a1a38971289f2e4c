import { setTimeout as sleep } from 'node:timers/promises';
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
} from './test-workflow.ts';

const ticket = '7369583175086912356';
const id = (run: number, of = ticket) => `default_${of}_${run}`;

test('starts a new ticket and tells where it is', async () => {
  const { call, simulator } = await startTestWorkflow();
  simulator.script(ticket, scripts.neverEnds);

  const { status, headers, json } = await call('POST', '/imports', { ticket });

  expect(status).toBe(202);
  expect(headers).toMatchObject({
    location: `/imports/${id(1)}`,
    'retry-after': '5',
    'content-type': 'application/json',
    'cache-control': 'no-store',
  });
  expect(json).toEqual({
    id: id(1),
    ticket,
    profile: 'default',
    status: 'running',
    started_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    finished_at: null,
    progress: {
      queries: 0,
      job_status: -1,
      meaning: 'Feishu has not reported a status yet',
      meaning_zh: '飞书尚未返回状态',
      next_query_at: new Date(Date.parse(json.started_at) + 3000).toISOString(),
    },
  });
});

test('answers from what was just done, however far reads lag behind', async () => {
  const { api } = await startTestMachine({ definition: machines.waits, staleReadMs: 60_000 });
  const { post, calls } = await api();

  const { status, json } = await post({ ticket });

  expect(status).toBe(202);
  expect(json).toMatchObject({ id: id(1), status: 'running' });
  expect(calls).toEqual(['StartExecution']);
});

test('starts the execution with the request and its id', async () => {
  const inputs: unknown[] = [];
  const { api, ended } = await startTestMachine({
    query: async (event) => {
      inputs.push((event as { input: unknown }).input);
      throw new Error('enough');
    },
  });
  const request = {
    ticket,
    profile: 'other',
    timeout_seconds: 86_400,
    expected_seconds: 1,
    on_failure: 'return',
  };

  await (await api()).post(request, 'JKJaXmPLvHcESHA=');
  await ended(`other_${ticket}_1`);

  expect(inputs).toEqual([{ ...request, request_id: 'JKJaXmPLvHcESHA=' }]);
});

test('finds a ticket that is waited for', async () => {
  const { call, simulator } = await startTestWorkflow();
  simulator.script(ticket, scripts.isLimited);
  const first = await call('POST', '/imports', { ticket });

  const { status, headers, json } = await call('POST', '/imports', { ticket, timeout_seconds: 60 });

  expect(status).toBe(200);
  expect(headers).toMatchObject({
    location: `/imports/${id(1)}`,
    'retry-after': expect.any(String),
  });
  expect(json).toMatchObject({ ...first.json, progress: { queries: expect.any(Number) } });
});

test('finds a ticket that is waited for, though its run cannot be seen yet', async () => {
  const { api } = await startTestMachine({ definition: machines.waits, staleReadMs: 60_000 });
  const first = await (await api()).post({ ticket });

  const { status, headers, json } = await (await api()).post({ ticket });

  expect(status).toBe(200);
  expect(headers).toMatchObject({ location: `/imports/${id(1)}`, 'retry-after': '5' });
  // nor can it be seen how far it is
  const { started_at, progress: _, ...known } = first.json;
  expect(json).toEqual({ ...known, started_at: expect.any(String) });
  expect(Date.parse(json.started_at)).toBeGreaterThanOrEqual(Date.parse(started_at));
});

test('finds a ticket whose import has succeeded, and asks nobody about it', async () => {
  const { call, simulator, ended } = await startTestWorkflow();
  simulator.script(ticket, scripts.succeeds);
  await call('POST', '/imports', { ticket });
  await ended(id(1));

  const { status, headers, json } = await call('POST', '/imports', { ticket });

  expect(status).toBe(200);
  expect(headers).toMatchObject({ location: `/imports/${id(1)}` });
  expect(headers).not.toHaveProperty('retry-after');
  expect(json).toMatchObject({ id: id(1), status: 'succeeded', document });
  expect(simulator.queriesOf(ticket)).toBe(2);
});

test('waits for the ticket of each profile apart', async () => {
  const { api } = await startTestMachine({ definition: machines.waits });
  const { post } = await api();
  await post({ ticket });

  const { status, json } = await post({ ticket, profile: 'other' });

  expect(status).toBe(202);
  expect(json).toMatchObject({ id: `other_${ticket}_1`, ticket, profile: 'other' });
});

test('takes a profile that is named for the same as one that is not', async () => {
  const { api } = await startTestMachine({ definition: machines.waits });
  const { post } = await api();
  await post({ ticket });

  expect((await post({ ticket, profile: 'default' })).status).toBe(200);
});

test('waits for a ticket and a profile of the greatest length', async () => {
  const { api } = await startTestMachine({ definition: machines.waits });
  const { post, get } = await api();
  const longest = { ticket: 't'.repeat(64), profile: 'p'.repeat(32) };

  const { status, json } = await post(longest);

  expect(status).toBe(202);
  expect((await post(longest)).json).toMatchObject({ id: json.id });
  expect((await get(json.id)).json).toMatchObject(longest);
});

const failing: Reply = { result: { job_status: 100, job_error_msg: 'encrypted' } };
const conflict: Reply = { result: { job_status: 3, job_error_msg: 'failed: 232140101' } };
const unknownStatus: Reply = { result: { job_status: 999 } };
const returned = { on_failure: 'return' };

const ends: [what: string, error: string, again: 200 | 202, reply: Reply, body?: object][] = [
  ['a documented job_status', 'Import.FileEncrypted', 200, failing],
  ['a conflict in the folder', 'Import.FolderConflict', 200, conflict],
  ['a documented job_status, returned', 'Import.FileEncrypted', 200, failing, returned],
  ['a conflict in the folder, returned', 'Import.FolderConflict', 200, conflict, returned],
  ['an undocumented job_status', 'Import.UnknownStatus', 202, unknownStatus],
  ['an undocumented job_status, returned', 'Import.UnknownStatus', 202, unknownStatus, returned],
  [
    'the time being up',
    'Import.TimedOut',
    202,
    { result: { job_status: 2 } },
    { timeout_seconds: 3 },
  ],
  ['a code of Feishu', 'Feishu.NoPermission', 202, { error: { code: 1069902 } }],
  ['an undocumented code of Feishu', 'Feishu.Rejected', 202, { error: { code: 4242 } }],
  ['a missing scope', 'Feishu.ScopeMissing', 202, { error: { code: 99991672 } }],
  ['a refused token', 'Feishu.TokenRejected', 202, { error: { code: 99991663 } }],
  ['an outage', 'Feishu.Unavailable', 202, { raw: { http: 502, body: 'Bad Gateway' } }],
  ['an unknown profile', 'Profile.Unknown', 202, failing, { profile: 'nobody' }],
];

test.for(ends)('after %s (%s) it answers %i', async ([, error, again, reply, body = {}]) => {
  const { call, simulator, ended } = await startTestWorkflow();
  simulator.script(ticket, { replies: [reply] });
  const request = { ticket, ...body };
  const first = await call('POST', '/imports', request);
  await ended(first.json.id);
  const before = await call('GET', `/imports/${first.json.id}`);
  expect(before.json.error.name).toBe(error);

  const { status, headers, json } = await call('POST', '/imports', request);

  expect(status).toBe(again);
  expect(headers.location).toBe(`/imports/${json.id}`);
  if (again === 200) {
    expect(json).toEqual(before.json);
  } else {
    expect(json.id).toBe(first.json.id.replace(/_1$/, '_2'));
    expect(json).toMatchObject({ status: 'running', finished_at: null });
  }
});

test('starts a new run after a cancelled one', async () => {
  const { api } = await startTestMachine({ definition: machines.waits });
  const { post, delete: cancel } = await api();
  await post({ ticket });
  await cancel(id(1));

  const { status, json } = await post({ ticket });

  expect(status).toBe(202);
  expect(json.id).toBe(id(2));
});

const brokenEnds = [
  ['something that broke in us', { query: throws }],
  ['an error that is none of ours', { definition: machines.fails }],
  ["AWS's own time limit", { definition: machines.timesOut }],
] as const;

test.for(brokenEnds)('starts a new run after %s', async ([, options]) => {
  const { api, ended } = await startTestMachine(options);
  const { post } = await api();
  await post({ ticket });
  await ended(id(1));

  const { status, json } = await post({ ticket });

  expect(status).toBe(202);
  expect(json.id).toBe(id(2));
});

async function throws(): Promise<never> {
  throw new TypeError('a bug');
}

test('starts a new run after one that somebody else started with an invalid input', async () => {
  const { call, simulator, start, ended } = await startTestWorkflow();
  simulator.script(ticket, scripts.neverEnds);
  await start(id(1), { ticket, unknown_key: 1 });
  expect(await ended(id(1))).toMatchObject({ error: 'Input.Invalid' });

  const { status, json } = await call('POST', '/imports', { ticket });

  expect(status).toBe(202);
  expect(json.id).toBe(id(2));
});

test('counts the runs on', async () => {
  const { api, ended } = await startTestMachine({ definition: machines.fails });
  const { post } = await api();

  for (const run of [1, 2, 3, 4, 5, 6, 7]) {
    expect(await post({ ticket })).toMatchObject({ status: 202, json: { id: id(run) } });
    await ended(id(run));
  }
});

test('finds the last of 100 runs with 13 looks', async () => {
  const { api, start, ended } = await startTestMachine({
    definition: machines.fails,
  });
  const runs = Array.from({ length: 100 }, (_, index) => id(index + 1));
  await Promise.all(runs.flatMap((run) => [start(run, { ticket }), ended(run)]));
  const { post, calls } = await api();

  const { status, json } = await post({ ticket });

  expect(status).toBe(202);
  expect(json.id).toBe(id(101));
  expect(calls).toEqual([
    'StartExecution',
    ...Array(13).fill('DescribeExecution'),
    'StartExecution',
  ]);
});

test('lists the newest 20 of 100 runs', async () => {
  const { api, start } = await startTestMachine({ definition: machines.fails });
  const runs = Array.from({ length: 100 }, (_, index) => id(index + 1));
  await Promise.all(runs.map((run) => start(run, { ticket })));

  const { json } = await (await api()).list({ ticket });

  expect(json.imports.map((resource: { id: string }) => resource.id)).toEqual(
    runs.toReversed().slice(0, 20),
  );
});

/** How often each status came. */
function tally(answers: { status: number }[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

const times = (count: number) => Array.from({ length: count });

test('starts one execution for racing requests of a new ticket', async () => {
  const { call, simulator, stepFunctions } = await startTestWorkflow();
  simulator.script(ticket, scripts.isLimited);

  const answers = await Promise.all(times(8).map(() => call('POST', '/imports', { ticket })));

  expect(tally(answers)).toEqual({ 202: 1, 200: 7 });
  expect(new Set(answers.map(({ json }) => json.id))).toEqual(new Set([id(1)]));
  expect(stepFunctions.runningExecutions()).toBe(1);
});

test('starts one new run for twenty racing requests after a failed one', async () => {
  const { call, simulator, stepFunctions, ended } = await startTestWorkflow();
  simulator.script(ticket, { replies: [{ error: { code: 1069902 } }] });
  await call('POST', '/imports', { ticket });
  await ended(id(1));
  simulator.script(ticket, scripts.isLimited);

  const answers = await Promise.all(times(20).map(() => call('POST', '/imports', { ticket })));

  expect(tally(answers)).toEqual({ 202: 1, 200: 19 });
  expect(new Set(answers.map(({ json }) => json.id))).toEqual(new Set([id(2)]));
  expect(stepFunctions.runningExecutions()).toBe(1);
});

test('starts one new run for racing requests that cannot see one another', async () => {
  const { api, start, stepFunctions } = await startTestMachine({
    definition: machines.waits,
    staleReadMs: 60,
  });
  const first = await api();
  await start(id(1), { ticket });
  await sleep(70);
  await first.delete(id(1));
  await sleep(70);
  const instances = await Promise.all(times(10).map(() => api()));

  const answers = await Promise.all(instances.map(({ post }) => post({ ticket })));

  expect(tally(answers)).toEqual({ 202: 1, 200: 9 });
  expect(new Set(answers.map(({ json }) => json.id))).toEqual(new Set([id(2)]));
  expect(stepFunctions.runningExecutions()).toBe(1);
});

test('tells of a start whose answer was lost on the way that it was one', async () => {
  const { api, stepFunctions } = await startTestMachine({ definition: machines.waits });
  let starts = 0;
  const { post, calls } = await api({
    maxAttempts: 3,
    meddle: async (operation, pass) => {
      const answer = await pass();
      starts += operation === 'StartExecution' ? 1 : 0;
      return starts === 1 ? 'hang up' : answer;
    },
  });

  const { status, json } = await post({ ticket });

  expect(status).toBe(202);
  expect(json.id).toBe(id(1));
  expect(calls).toEqual(['StartExecution', 'StartExecution']);
  expect(stepFunctions.runningExecutions()).toBe(1);
});

test('starts no second run where its own has ended before its lost answer is asked for again', async () => {
  const { api, ended } = await startTestMachine({ definition: machines.fails });
  let starts = 0;
  const { post, calls } = await api({
    maxAttempts: 3,
    meddle: async (operation, pass) => {
      const answer = await pass();
      starts += operation === 'StartExecution' ? 1 : 0;
      if (starts !== 1) return answer;
      await ended(id(1));
      return 'hang up';
    },
  });

  const { status, json } = await post({ ticket });

  expect(status).toBe(202);
  expect(json).toMatchObject({ id: id(1), status: 'failed' });
  expect(calls).toEqual(['StartExecution', 'StartExecution', 'DescribeExecution']);
});

test('gives up, for a while, where others always start the next run first', async () => {
  const { api, start, ended } = await startTestMachine({
    definition: machines.fails,
  });
  let run = 0;
  const { post, calls } = await api({
    meddle: async (operation, pass) => {
      if (operation === 'StartExecution') {
        run += 1;
        await start(id(run), { ticket });
        await ended(id(run));
      }
      return pass();
    },
  });

  const { status, headers, json } = await post({ ticket });

  expect(status).toBe(503);
  expect(headers).toMatchObject({ 'retry-after': '5' });
  expect(json.detail).toBe('Other requests keep starting runs of this ticket: try again soon.');
  expect(calls.filter((operation) => operation === 'StartExecution')).toHaveLength(5);
});

test('starts nothing when AWS throttles the start', async () => {
  const { api, stepFunctions } = await startTestMachine({
    definition: machines.waits,
    throttling: true,
    buckets: { StartExecution: { size: 0, refillPerSecond: 0 } },
  });

  const { status } = await (await api()).post({ ticket });

  expect(status).toBe(429);
  expect(stepFunctions.runningExecutions()).toBe(0);
});

test('does not start another run while it cannot see how the last one ended', async () => {
  const { api, ended, stepFunctions } = await startTestMachine({
    definition: machines.fails,
  });
  await (await api()).post({ ticket });
  await ended(id(1));
  const blind = await api({
    meddle: async (operation, pass) =>
      operation === 'DescribeExecution' ? awsFault('ThrottlingException') : pass(),
  });

  const { status } = await blind.post({ ticket });

  expect(status).toBe(429);
  expect(blind.calls).toEqual(['StartExecution', 'DescribeExecution']);
  expect(stepFunctions.runningExecutions()).toBe(0);
});

const wrongTicket =
  'ticket must be 1 to 64 letters, digits, "-" and "_", exactly as Feishu gave it';
const missingTicket =
  'ticket must be a string, the one that Feishu gave for the import task; it is missing';
const numberTicket =
  'ticket must be a string: put it in quotes, since a JSON number cannot hold its 19 digits';
const noObject = 'the input must be a JSON object with a ticket';
const wrongSeconds = 'must be a whole number of seconds from 1 to 86400 (a day)';

const invalidBodies: [body: string, path: string, message: string][] = [
  ['{}', 'ticket', missingTicket],
  ['{"ticket":7369583175086912356}', 'ticket', numberTicket],
  ['{"ticket":null}', 'ticket', missingTicket.replace('; it is missing', '')],
  ['{"ticket":""}', 'ticket', wrongTicket],
  [`{"ticket":"${'t'.repeat(65)}"}`, 'ticket', wrongTicket],
  ['{"ticket":"a/b"}', 'ticket', wrongTicket],
  ['{"ticket":".."}', 'ticket', wrongTicket],
  ['{"ticket":"a b"}', 'ticket', wrongTicket],
  ['{"ticket":" a"}', 'ticket', wrongTicket],
  ['{"ticket":"a\\n"}', 'ticket', wrongTicket],
  ['{"ticket":"a\\u0000"}', 'ticket', wrongTicket],
  ['{"ticket":"导入"}', 'ticket', wrongTicket],
  ['{"ticket":["a"]}', 'ticket', missingTicket.replace('; it is missing', '')],
  [
    '{"ticket":"a","Ticket":"a"}',
    'Ticket',
    '"Ticket" is not known here; known are ticket, profile, timeout_seconds, expected_seconds, on_failure',
  ],
  [
    '{"ticket":"a","request_id":"r"}',
    'request_id',
    '"request_id" is not known here; known are ticket, profile, timeout_seconds, expected_seconds, on_failure',
  ],
  [
    '{"ticket":"a","AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID":"arn"}',
    'AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID',
    '"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID" is not known here; known are ticket, profile, timeout_seconds, expected_seconds, on_failure',
  ],
  [
    '{"ticket":"a","__proto__":{"profile":"x"}}',
    '__proto__',
    '"__proto__" is not known here; known are ticket, profile, timeout_seconds, expected_seconds, on_failure',
  ],
  [
    '{"ticket":"a","constructor":1}',
    'constructor',
    '"constructor" is not known here; known are ticket, profile, timeout_seconds, expected_seconds, on_failure',
  ],
  ['{"ticket":"a","timeout_seconds":0}', 'timeout_seconds', `timeout_seconds ${wrongSeconds}`],
  ['{"ticket":"a","timeout_seconds":-1}', 'timeout_seconds', `timeout_seconds ${wrongSeconds}`],
  ['{"ticket":"a","timeout_seconds":1.5}', 'timeout_seconds', `timeout_seconds ${wrongSeconds}`],
  ['{"ticket":"a","timeout_seconds":"60"}', 'timeout_seconds', `timeout_seconds ${wrongSeconds}`],
  ['{"ticket":"a","timeout_seconds":null}', 'timeout_seconds', `timeout_seconds ${wrongSeconds}`],
  ['{"ticket":"a","timeout_seconds":1e9}', 'timeout_seconds', `timeout_seconds ${wrongSeconds}`],
  ['{"ticket":"a","expected_seconds":0}', 'expected_seconds', `expected_seconds ${wrongSeconds}`],
  ['{"ticket":"a","on_failure":"throw"}', 'on_failure', 'on_failure must be "fail" or "return"'],
  ['{"ticket":"a","profile":5}', 'profile', 'profile must be a string'],
  ['[]', '', noObject],
  ['[{"ticket":"a"}]', '', noObject],
  ['"a"', '', noObject],
  ['null', '', noObject],
  ['5', '', noObject],
];

test.for(invalidBodies)('refuses %s, and asks AWS nothing', async ([body, path, message]) => {
  const { post, calls } = await startApiAlone();

  const { status, headers, json } = await post(body);

  expect(status).toBe(400);
  expect(headers).toMatchObject({ 'content-type': 'application/problem+json' });
  expect(json).toEqual({
    type: 'about:blank',
    title: 'Bad Request',
    status: 400,
    detail: message,
    errors: [{ path, message }],
  });
  expect(calls).toEqual([]);
});

test.for(['Default', '-a', 'a_b', '', '../x', 'x'.repeat(33)])(
  'refuses the profile "%s"',
  async (profile) => {
    const { post, calls } = await startApiAlone();

    const { status, json } = await post({ ticket, profile });

    expect(status).toBe(400);
    expect(json.errors).toEqual([
      { path: 'profile', message: expect.stringContaining('profile must be 1 to 32') },
    ]);
    expect(calls).toEqual([]);
  },
);

test('tells of every fault at once', async () => {
  const { post } = await startApiAlone();

  const { json } = await post({ timeout_seconds: 0, on_failure: 'x', more: 1 });

  expect(json.errors.map(({ path }: { path: string }) => path)).toEqual([
    'ticket',
    'timeout_seconds',
    'on_failure',
    'more',
  ]);
});

const json = { 'content-type': 'application/json' };

const refused: [what: string, status: number, body: string | Buffer, headers: typeof json][] = [
  ['half a body', 400, '{"ticket":', json],
  ['an empty body', 400, '', json],
  ['invalid UTF-8', 400, Buffer.from('{"ticket":"\xff"}', 'latin1'), json],
  ['300 KB', 413, `{"ticket":"a"}${' '.repeat(300_000)}`, json],
  ['a form', 415, 'ticket=a', { 'content-type': 'application/x-www-form-urlencoded' }],
  ['a file', 415, Buffer.from([0, 255]), { 'content-type': 'application/octet-stream' }],
];

test.for(refused)('refuses %s with %i', async ([, expected, body, headers]) => {
  const { call, stepFunctions } = await startTestWorkflow();

  const answer = await call('POST', '/imports', body, headers);

  expect(answer.status).toBe(expected);
  expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json' });
  expect(answer.json).toMatchObject({ status: expected, detail: expect.stringMatching(/.{10}/) });
  expect(stepFunctions.runningExecutions()).toBe(0);
});

test.for(['application/json; charset=utf-8', 'application/vnd.example+json'])(
  'takes a body of type %s',
  async (contentType) => {
    const { call, simulator } = await startTestWorkflow();
    simulator.script(ticket, scripts.neverEnds);

    const { status } = await call('POST', '/imports', { ticket }, { 'content-type': contentType });

    expect(status).toBe(202);
  },
);

import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { queryDependencies, queryImport } from '../../functions/query-import.ts';
import { demoApp, type Script, startFeishuSimulator } from '../../infra/local/feishu-simulator.ts';
import { localClient } from '../../infra/local/step-functions/client.ts';
import type { LocalFunction } from '../../infra/local/step-functions/lambda.ts';
import { startLocalStepFunctions } from '../../infra/local/step-functions/server.ts';
import { runToEnd } from './run-to-end.ts';
import { another, first } from './scenarios.ts';

// Every path through the state machine: the real file on the local engine, asked through the SDK,
// with the real function and a simulated Feishu, or with a function that breaks.

const definition = readFileSync('infra/import.asl.json', 'utf8');
const simulator = await startFeishuSimulator();
const realFunction = queryImport(
  queryDependencies({ baseUrl: simulator.url, timeoutMs: 1000, outageSeconds: 60, app: demoApp }),
);
let brokenFunction: LocalFunction = realFunction;
const engine = await startLocalStepFunctions({
  definition,
  functions: { QueryImportFunctionArn: (event, context) => brokenFunction(event, context) },
  timeLapse: 2000,
});
const sfn = localClient(engine.url);
afterAll(() => Promise.all([engine.close(), simulator.close()]));

let tickets = 0;

/** Runs an execution to its end and tells the states it went through. */
async function run(
  script: Script,
  { input = {}, breaking = realFunction }: { input?: object; breaking?: LocalFunction } = {},
) {
  const ticket = `ticket-${++tickets}`;
  simulator.script(ticket, script);
  brokenFunction = breaking;
  return runWith(JSON.stringify({ ticket, ...input }), ticket);
}

const runWith = (input: string, name: string) =>
  runToEnd(sfn, { stateMachineArn: engine.stateMachineArn, name, input });

const running = { result: { job_status: 2 } };
const done = {
  result: { job_status: 0, token: 'Fm7o', url: 'https://example.feishu.cn/docx/Fm7o' },
};

test('succeeds at once', async () => {
  const { status, states, output } = await run({ replies: [done] });

  expect(status).toBe('SUCCEEDED');
  expect(states).toEqual([...first, 'ImportSucceeded']);
  expect(output).toMatchObject({ status: 'succeeded', complete: true, queries: 1 });
});

test('succeeds after three waits', async () => {
  const { states, output } = await run({ replies: [running, running, running, done] });

  expect(states).toEqual([...first, ...another, ...another, ...another, 'ImportSucceeded']);
  expect(output.queries).toBe(4);
});

test('waits for the document after a status of 0 without one', async () => {
  const { states, output } = await run({ replies: [{ result: { job_status: 0 } }, done] });

  expect(states).toEqual([...first, ...another, 'ImportSucceeded']);
  expect(output.document.token).toBe('Fm7o');
});

test('fails with a documented status', async () => {
  const { status, states, error, cause } = await run({
    replies: [running, { result: { job_status: 110 } }],
  });

  expect(status).toBe('FAILED');
  expect(states).toEqual([...first, ...another, 'ImportFailed']);
  expect(error).toBe('Import.NoPermission');
  expect(cause).toMatchObject({ job_status: 110, queries: 2 });
});

test('fails with a status that nobody has documented', async () => {
  const { states, error, cause } = await run({ replies: [{ result: { job_status: 4711 } }] });

  expect(states).toEqual([...first, 'ImportFailed']);
  expect(error).toBe('Import.UnknownStatus');
  expect(cause.job_status).toBe(4711);
});

test('succeeds with a failed import where the caller wants it returned', async () => {
  const { status, states, output } = await run(
    { replies: [{ result: { job_status: 100 } }] },
    { input: { on_failure: 'return' } },
  );

  expect(status).toBe('SUCCEEDED');
  expect(states).toEqual([...first, 'ImportSucceeded']);
  expect(output).toMatchObject({ status: 'failed', error: { name: 'Import.FileEncrypted' } });
  expect(Object.keys(output)).not.toContain('document');
});

test('fails in spite of on_failure where not Feishu says so of the file', async () => {
  const { status, error } = await run(
    { replies: [{ error: { code: 99991672 } }] },
    { input: { on_failure: 'return' } },
  );

  expect(status).toBe('FAILED');
  expect(error).toBe('Feishu.ScopeMissing');
});

test('goes on with a renewed token in the same step', async () => {
  simulator.expireTokens();
  const { states, output } = await run({ replies: [done] });

  expect(states).toEqual([...first, 'ImportSucceeded']);
  expect(output.queries).toBe(1);
});

test('fails where the renewed token is refused too', async () => {
  const { states, error } = await run({ replies: [{ error: { code: 99991663 } }] });

  expect(states).toEqual([...first, 'ImportFailed']);
  expect(error).toBe('Feishu.TokenRejected');
});

test('waits a rate limit out', async () => {
  const { states, output } = await run({
    replies: [
      { rateLimit: { resetSeconds: 30 } },
      { rateLimit: { http: 400, resetSeconds: 5.5 } },
      done,
    ],
  });

  expect(states).toEqual([...first, ...another, ...another, 'ImportSucceeded']);
  expect(output.elapsed_seconds).toBeGreaterThanOrEqual(36);
});

test('bears with Feishu being down, and goes on when it is back', async () => {
  const down = { raw: { http: 503, body: 'down' } };
  const { states, output } = await run({ replies: [down, { fault: 'drop' }, down, running, done] });

  expect(states.at(-1)).toBe('ImportSucceeded');
  expect(output.status).toBe('succeeded');
});

test('fails once the outage has lasted as long as it may', async () => {
  const { states, error, cause } = await run({
    replies: [{ error: { code: 1069901, http: 500 } }],
  });

  expect(states.at(-1)).toBe('ImportFailed');
  expect(error).toBe('Feishu.Unavailable');
  expect(cause).toMatchObject({ code: 1069901, retryable: true });
  expect(cause.elapsed_seconds).toBeGreaterThanOrEqual(60);
  expect(cause.elapsed_seconds).toBeLessThan(70);
});

test('times out with a last query at the deadline', async () => {
  const { states, error, cause } = await run(
    { replies: [running] },
    { input: { timeout_seconds: 30 } },
  );

  expect(states.at(-1)).toBe('ImportFailed');
  expect(error).toBe('Import.TimedOut');
  expect(cause.elapsed_seconds).toBeGreaterThanOrEqual(30);
  expect(cause.elapsed_seconds).toBeLessThan(33);
});

test('comes back later, without a query, where the caller expects a long import', async () => {
  const { states, output } = await run({ replies: [done] }, { input: { expected_seconds: 100 } });

  expect(states).toEqual([...first, ...another, 'ImportSucceeded']);
  expect(output.queries).toBe(1);
});

test.for(['[]', '5', '"x"', 'null', '{}', '{"ticket":5}', '{"ticket":"t","query":{"queries":1}}'])(
  'fails for the input %s',
  async (input) => {
    brokenFunction = realFunction;
    const { states, error, cause } = await runWith(input, `invalid-${++tickets}`);

    expect(states).toEqual([...first, 'ImportFailed']);
    expect(error).toBe('Input.Invalid');
    expect(cause.message).toMatch(/object|ticket|query/);
  },
);

test('ends with a name where the function throws', async () => {
  const { states, error, cause } = await run(
    { replies: [done] },
    {
      breaking: () => {
        throw new TypeError('broken');
      },
    },
  );

  expect(states).toEqual(['WaitBeforeFirstQuery', 'QueryImport', 'QueryBroken']);
  expect(error).toBe('Internal.Error');
  expect(cause).toMatchObject({ retryable: true, reimport: false });
});

test.for([
  'Lambda.TooManyRequestsException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ClientExecutionTimeoutException',
])('goes on after twenty times %s', async (name) => {
  const { status, states } = await run({ replies: [done] }, { breaking: failing(20, name) });

  expect(status).toBe('SUCCEEDED');
  expect(states).toEqual([...first, 'ImportSucceeded']);
});

test.for(['Sandbox.Timedout', 'Runtime.ExitError', 'Lambda.Unknown'])(
  'goes on after three times %s, and ends with a name after four',
  async (name) => {
    expect((await run({ replies: [done] }, { breaking: failing(3, name) })).status).toBe(
      'SUCCEEDED',
    );
    expect((await run({ replies: [done] }, { breaking: failing(4, name) })).error).toBe(
      'Internal.Error',
    );
  },
);

/** Fails so often with an error of the Lambda service, then works. */
function failing(times: number, name: string): LocalFunction {
  let calls = 0;
  return (event, context) => {
    if (++calls > times) return realFunction(event, context);
    throw Object.assign(new Error('simulated'), { name });
  };
}

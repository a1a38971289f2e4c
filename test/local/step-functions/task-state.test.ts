import { expect, test } from 'vitest';
import { functionArn } from '../../../infra/local/step-functions/arns.ts';
import type { Definition } from '../../../infra/local/step-functions/definition.ts';
import { type ExecutionEnded, startEngine } from '../../../infra/local/step-functions/engine.ts';
import { executionStore } from '../../../infra/local/step-functions/executions.ts';
import { historyOf } from '../../../infra/local/step-functions/history.ts';
import { hangs, pollingMachine, startPolling, succeeded } from './polling-machine.ts';

const fails = (name: string, message = 'boom') => {
  throw Object.assign(new Error(message), { name });
};

test('ends with what the function threw where nothing catches it', async () => {
  const { Query, ...others } = pollingMachine.States;
  const States = { ...others, Query: { ...Query, Catch: Query.Catch.slice(0, 1) } };
  const definition = JSON.stringify({
    ...pollingMachine,
    States: Object.fromEntries(Object.entries(States).filter(([name]) => name !== 'Task failed')),
  });
  const { run } = await startPolling({ definition, query: () => fails('Unforeseen', '没有') });

  const { status, error, cause = '' } = await run('one');

  expect(status).toBe('FAILED');
  expect(error).toBe('Unforeseen');
  expect(JSON.parse(cause)).toMatchObject({ errorType: 'Unforeseen', errorMessage: '没有' });
});

test('goes on where an error is caught by its name', async () => {
  const { run } = await startPolling({ query: () => fails('Broken') });

  expect(await run('one')).toMatchObject({ error: 'Broken.Named', cause: 'known' });
});

test('catches whatever a function throws as States.TaskFailed', async () => {
  const { run } = await startPolling({ query: () => fails('Whatever') });

  const { error, cause = '' } = await run('one');

  expect(error).toBe('Whatever');
  expect(JSON.parse(cause)).toMatchObject({ errorType: 'Whatever' });
});

test('catches a function that overran as States.TaskFailed', async () => {
  const { run } = await startPolling({ query: hangs, functionTimeoutMs: 10 });

  const { error, cause = '' } = await run('one');

  expect(error).toBe('Sandbox.Timedout');
  expect(JSON.parse(cause).errorMessage).toMatch(/Task timed out after 0\.01 seconds$/);
});

test('gives up retrying after so many attempts', async () => {
  let queries = 0;
  const { run } = await startPolling({
    query: () => {
      queries += 1;
      return fails('Flaky');
    },
  });

  const { error } = await run('one');

  expect(error).toBe('Flaky');
  expect(queries).toBe(3);
});

test('does not catch a result that is too large as any failure', async () => {
  const { run, history } = await startPolling({ query: () => succeeded('x'.repeat(262_144)) });

  const { executionArn = '', status, error, cause } = await run('one');
  const events = await history(executionArn);

  expect(status).toBe('FAILED');
  expect(error).toBe('States.DataLimitExceeded');
  expect(cause).toContain('returned a result with a size exceeding the maximum');
  expect(events.at(-2)?.type).toBe('LambdaFunctionFailed');
});

test('reads the context', async () => {
  const { run } = await startPolling({ query: (event) => succeeded(event) });

  const { output = '', executionArn } = await run('one', '{"a":1}');

  expect(JSON.parse(output)).toEqual({
    execution_id: executionArn,
    started_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    input: { a: 1 },
    state: {},
  });
});

/** Runs a definition that no validator would let pass, for its times. */
async function runUnchecked(definition: Definition) {
  const ended = Promise.withResolvers<ExecutionEnded>();
  const engine = await startEngine({
    definition,
    machineName: 'import',
    invoke: hangs,
    timeLapse: 1,
    onStateEntered: undefined,
    onExecutionEnded: ended.resolve,
  });
  const execution = executionStore().add('one', '{}', Date.now());
  engine.start(execution, {});
  const end = await ended.promise;
  return { end, types: historyOf(execution, definition).map(({ type }) => type) };
}

const hangingTask = { Type: 'Task', Resource: functionArn('query') } as const;

test('fails a task that takes too long, without a cause', async () => {
  const { end, types } = await runUnchecked({
    StartAt: 'Hang',
    States: { Hang: { ...hangingTask, TimeoutSeconds: 0.01 } },
  });

  expect(end).toEqual({
    executionName: 'one',
    status: 'FAILED',
    error: 'States.Timeout',
    at: expect.any(Number),
  });
  expect(types.slice(-2)).toEqual(['LambdaFunctionTimedOut', 'ExecutionFailed']);
});

test('takes a timeout of a task for no failure of it', async () => {
  const Catch = [
    { ErrorEquals: ['States.TaskFailed'], Next: 'Task failed' },
    { ErrorEquals: ['States.ALL'], Next: 'Caught' },
  ];
  const Retry = [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 1 }];
  const { end } = await runUnchecked({
    StartAt: 'Hang',
    States: {
      Hang: { ...hangingTask, TimeoutSeconds: 0.01, Retry, Catch } as Definition['States'][string],
      'Task failed': { Type: 'Fail' },
      Caught: { Type: 'Succeed' },
    },
  });

  expect(end).toMatchObject({
    status: 'SUCCEEDED',
    output: { Error: 'States.Timeout', Cause: '' },
  });
});

test('ends an execution that takes too long', async () => {
  const { end, types } = await runUnchecked({
    StartAt: 'Hang',
    TimeoutSeconds: 0.01,
    States: { Hang: hangingTask },
  });

  expect(end).toEqual({ executionName: 'one', status: 'TIMED_OUT', at: expect.any(Number) });
  expect(types.slice(-2)).toEqual(['LambdaFunctionStarted', 'ExecutionTimedOut']);
});

test('fails without a name or a cause where the state has none', async () => {
  const { end } = await runUnchecked({ StartAt: 'Fail', States: { Fail: { Type: 'Fail' } } });

  expect(end).toEqual({ executionName: 'one', status: 'FAILED', at: expect.any(Number) });
});

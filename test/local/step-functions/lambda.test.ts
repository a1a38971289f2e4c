import type { Context } from 'aws-lambda';
import { expect, test } from 'vitest';
import { functionArn } from '../../../infra/local/step-functions/arns.ts';
import { invoke } from '../../../infra/local/step-functions/lambda.ts';
import { hangs } from './polling-machine.ts';

const arn = functionArn('query');

const answering = (run: (event: unknown, context: Context) => unknown, event: unknown = {}) =>
  invoke(async (...call) => run(...call), arn, event, 1000);

test.for([
  [undefined, null],
  [{ at: new Date(0), left: undefined }, { at: '1970-01-01T00:00:00.000Z' }],
  [
    [undefined, Number.NaN],
    [null, null],
  ],
  ['text', 'text'],
] as const)('passes on what JSON keeps of a result', async ([result, output]) => {
  expect(await answering(() => result)).toEqual({ output });
});

test('passes on what JSON keeps of an event, as a copy', async () => {
  const event = { at: new Date(0), inner: { list: [1] } };

  const outcome = await answering((seen) => {
    const { inner } = seen as typeof event;
    inner.list.push(2);
    return seen;
  }, event);

  expect(outcome).toEqual({ output: { at: '1970-01-01T00:00:00.000Z', inner: { list: [1, 2] } } });
  expect(event.inner.list).toEqual([1]);
});

test('reports what a function throws by its name and message, and nothing else', async () => {
  class Unavailable extends Error {
    override readonly name = 'Feishu.Unavailable';
    readonly code = 1069901;
  }

  const outcome = await answering(() => {
    throw new Unavailable('try later', { cause: new Error('secret') });
  });

  if ('output' in outcome) throw new Error('The function was to fail');
  const { trace, ...report } = JSON.parse(outcome.cause);
  expect(outcome.error).toBe('Feishu.Unavailable');
  expect(report).toEqual({ errorType: 'Feishu.Unavailable', errorMessage: 'try later' });
  expect(trace[0]).toBe('Feishu.Unavailable: try later');
});

test.for([
  ['text', 'string', 'text'],
  [undefined, 'undefined', 'undefined'],
  [{ a: 1 }, 'object', '[object Object]'],
] as const)('reports %j, which is no error', async ([thrown, errorType, errorMessage]) => {
  const outcome = await answering(() => {
    throw thrown;
  });

  expect(outcome).toEqual({
    error: errorType,
    cause: JSON.stringify({ errorType, errorMessage, trace: [] }),
  });
});

test('reports a result that is no JSON', async () => {
  const outcome = await answering(() => 1n);

  expect(outcome).toMatchObject({ error: 'Error' });
  expect(outcome).toHaveProperty('cause', expect.stringContaining('Unable to stringify'));
});

test('reports a result that a state cannot hold', async () => {
  const fits = await answering(() => 'x'.repeat(262_142));
  const exceeds = await answering(() => 'x'.repeat(262_143));

  expect(fits).toHaveProperty('output');
  expect(exceeds).toMatchObject({ error: 'States.DataLimitExceeded' });
});

test('gives up on a function that overruns', async () => {
  const outcome = await invoke(hangs, arn, {}, 20);

  if ('output' in outcome) throw new Error('The function was to overrun');
  expect(outcome.error).toBe('Sandbox.Timedout');
  expect(JSON.parse(outcome.cause)).toEqual({
    errorMessage: expect.stringMatching(
      /^RequestId: [0-9a-f-]{36} Error: Task timed out after 0\.02 seconds$/,
    ),
    errorType: 'Sandbox.Timedout',
  });
});

test('tells a function who it is and how long it has', async () => {
  const outcome = await answering((_, context) => ({
    requestId: context.awsRequestId,
    name: context.functionName,
    arn: context.invokedFunctionArn,
    left: context.getRemainingTimeInMillis(),
  }));

  expect(outcome).toEqual({
    output: {
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'query',
      arn,
      left: expect.closeTo(1000, -2),
    },
  });
});

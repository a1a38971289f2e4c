import type { Context } from 'aws-lambda';
import { afterAll, expect, test } from 'vitest';
import { startLambdaEndpoint } from '../../infra/local/lambda-endpoint.ts';

const endpoint = await startLambdaEndpoint({
  timeoutMs: 50,
  functions: {
    echo: async (event) => ({ event }),
    nothing: async () => undefined,
    throws: async () => {
      throw new TypeError('broken');
    },
    hangs: () => new Promise(() => {}),
    floods: async () => 'x'.repeat(300_000),
    describes: async (_: unknown, { invokedFunctionArn }: Context) => invokedFunctionArn,
  },
});
afterAll(endpoint.close);

async function invoke(target: string, body = '{}') {
  const path = `/2015-03-31/functions/${encodeURIComponent(target)}/invocations`;
  const response = await fetch(endpoint.url + path, { method: 'POST', body });
  return {
    status: response.status,
    functionError: response.headers.get('x-amz-function-error'),
    errorType: response.headers.get('x-amzn-errortype'),
    requestId: response.headers.get('x-amzn-requestid'),
    // biome-ignore lint/suspicious/noExplicitAny: JSON of any function
    json: (await response.json()) as any,
  };
}

const arn = (name: string) => `arn:aws-cn:lambda:cn-north-1:000000000000:function:${name}`;

test.for(['echo', arn('echo'), arn('echo:live')])('calls a function as %s', async (target) => {
  const { status, functionError, json } = await invoke(target, '{"ticket":"导入"}');

  expect(status).toBe(200);
  expect(functionError).toBeNull();
  expect(json).toEqual({ event: { ticket: '导入' } });
});

test('calls a function with an empty object where there is no event', async () => {
  expect((await invoke('echo', '')).json).toEqual({ event: {} });
});

test('tells a function its ARN', async () => {
  expect((await invoke(arn('describes'))).json).toBe(arn('describes'));
});

test('answers null for a function that returns nothing', async () => {
  expect((await invoke('nothing')).json).toBeNull();
});

test('reports what a function throws, with status 200 as Lambda does', async () => {
  const { status, functionError, json } = await invoke('throws');

  expect(status).toBe(200);
  expect(functionError).toBe('Unhandled');
  expect(json).toMatchObject({ errorType: 'TypeError', errorMessage: 'broken' });
});

test('reports a function that takes longer than its timeout', async () => {
  const { functionError, json } = await invoke('hangs');

  expect(functionError).toBe('Unhandled');
  expect(json.errorType).toBe('Sandbox.Timedout');
});

test('reports a result that is too large', async () => {
  expect((await invoke('floods')).json.errorType).toBe('States.DataLimitExceeded');
});

test.for(['other', arn('other'), 'constructor'])(
  'does not know the function %s',
  async (target) => {
    const { status, errorType, requestId, json } = await invoke(target);

    expect(status).toBe(404);
    expect(errorType).toBe('ResourceNotFoundException');
    // clients in Python look for it without asking whether it is there
    expect(requestId).toMatch(/^[\da-f-]{36}$/);
    expect(json.Message).toBe(`Function not found: ${target}`);
  },
);

test('answers an event that is no JSON with an error of the service', async () => {
  expect((await invoke('echo', '{')).status).toBe(500);
});

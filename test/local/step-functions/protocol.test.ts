import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startPolling } from './polling-machine.ts';

async function post(url: string, operation: string, body: string) {
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `AWSStepFunctions.${operation}`,
  };
  const response = await fetch(url, { method: 'POST', headers, body });
  const { status } = response;
  const text = await response.text();
  return { status, headers: response.headers, body: JSON.parse(text) };
}

test('serves a client that is told nothing but an environment variable', async () => {
  const { local, stateMachineArn, run } = await startPolling();
  await run('one');
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  vi.stubEnv('AWS_ENDPOINT_URL_SFN', local.url);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');

  const sfn = new SFNClient();
  const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn }));
  sfn.destroy();

  expect(executions.map(({ name }) => name)).toEqual(['one']);
});

test('answers with times in seconds and texts of JSON', async () => {
  const { local, stateMachineArn } = await startPolling();

  const started = await post(local.url, 'StartExecution', JSON.stringify({ stateMachineArn }));

  expect(started.status).toBe(200);
  expect(started.headers.get('content-type')).toBe('application/x-amz-json-1.0');
  expect(started.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  expect(started.body.startDate).toBeCloseTo(Date.now() / 1000, -2);
});

test.for([
  ['CreateStateMachine', '{}', 'UnknownOperationException'],
  ['toString', '{}', 'UnknownOperationException'],
  ['', '{}', 'UnknownOperationException'],
  ['StartExecution', '{', 'SerializationException'],
  ['StartExecution', '', 'SerializationException'],
  ['StartExecution', '[]', 'SerializationException'],
  ['StartExecution', 'null', 'SerializationException'],
  ['StartExecution', '{"stateMachineArn":5}', 'SerializationException'],
  ['GetExecutionHistory', '{"executionArn":"a","maxResults":"5"}', 'InvalidArn'],
  ['StartExecution', '{}', 'ValidationException'],
  ['StartExecution', '{"stateMachineArn":null}', 'ValidationException'],
  ['StartExecution', '{"stateMachineArn":""}', 'ValidationException'],
] as const)('answers %s with %s by %s', async ([operation, body, type]) => {
  const { local } = await startPolling();

  const refused = await post(local.url, operation, body);

  expect(refused.status).toBe(400);
  expect(refused.body.__type).toMatch(new RegExp(`^com\\.amazon(aws)?\\..+#${type}$`));
  expect(refused.body.message).not.toBe('');
});

test.for([
  ['maxResults', '5'],
  ['maxResults', 1.5],
  ['reverseOrder', 'true'],
  ['nextToken', 5],
] as const)('takes no %s of %j', async ([field, value]) => {
  const { local, run } = await startPolling();
  const { executionArn } = await run('one');

  const request = JSON.stringify({ executionArn, [field]: value });
  const refused = await post(local.url, 'GetExecutionHistory', request);

  expect(refused.body.__type).toMatch(/#SerializationException$/);
});

test('refuses a request that is too large', async () => {
  const { local, stateMachineArn } = await startPolling();

  const input = 'x'.repeat(1024 * 1024);
  const request = JSON.stringify({ stateMachineArn, input });
  const refused = await post(local.url, 'StartExecution', request);

  expect(refused.status).toBe(400);
  expect(refused.body.__type).toMatch(/#SerializationException$/);
  expect(refused.body.message).toBe('The request is over 1048576 bytes');
  expect(local.runningExecutions()).toBe(0);
});

test('is reached from this machine alone', async () => {
  const { local } = await startPolling();

  await expect(fetch(local.url.replace('127.0.0.1', '127.0.0.2'))).rejects.toThrow('fetch failed');
});

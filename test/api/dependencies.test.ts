import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  apiDependencies,
  bindToAws,
  stepFunctionsClient,
} from '../../functions/api/dependencies.ts';
import * as cancelImport from '../../functions/cancel-import.ts';
import { apiConfig } from '../../functions/config.ts';
import * as getImport from '../../functions/get-import.ts';
import * as startImport from '../../functions/start-import.ts';
import { apiEvent, machines, startTestMachine } from '../test-workflow.ts';

function setEnvironment(settings: Record<string, string | undefined>) {
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
}

/** A function that counts how often it is bound. */
function countBindings() {
  const counted = { bindings: 0 };
  const handler = bindToAws(() => {
    counted.bindings += 1;
    return async () => ({ statusCode: 204 });
  });
  return { handler, counted };
}

test('runs in AWS with nothing but what the environment says', async () => {
  const { stepFunctions } = await startTestMachine({ definition: machines.waits });
  setEnvironment({
    STATE_MACHINE_ARN: stepFunctions.stateMachineArn,
    AWS_ENDPOINT_URL_SFN: stepFunctions.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
  const id = 'default_a_1';

  const started = await startImport.handler(apiEvent('POST /imports', { body: '{"ticket":"a"}' }));
  const read = await getImport.handler(apiEvent('GET /imports/{id}', { id }));
  const cancelled = await cancelImport.handler(apiEvent('DELETE /imports/{id}', { id }));

  expect([started, read, cancelled].map(({ statusCode }) => statusCode)).toEqual([202, 200, 202]);
});

test('is bound at its first call, and then kept', async () => {
  setEnvironment({ STATE_MACHINE_ARN: 'arn:aws:states:us-east-1:0:stateMachine:import' });
  const { handler, counted } = countBindings();
  expect(counted.bindings).toBe(0);

  await handler(apiEvent('GET /imports'));
  await handler(apiEvent('GET /imports'));

  expect(counted.bindings).toBe(1);
});

test.for([
  [undefined, 'STATE_MACHINE_ARN is not set'],
  ['import', 'STATE_MACHINE_ARN must be the ARN of a state machine'],
] as const)(
  'answers 500 where the state machine is %s, and says why in the log',
  async ([arn, message]) => {
    setEnvironment({ STATE_MACHINE_ARN: arn });
    const { handler } = countBindings();

    const { statusCode, body } = await handler(apiEvent('GET /imports'));

    expect(statusCode).toBe(500);
    expect(body).not.toContain(message);
  },
);

test('answers 503 where Step Functions takes requests and answers none', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  setEnvironment({
    STATE_MACHINE_ARN: 'arn:aws:states:us-east-1:0:stateMachine:import',
    AWS_ENDPOINT_URL_SFN: `http://127.0.0.1:${port}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_MAX_ATTEMPTS: '1',
  });
  const get = getImport.getImport(apiDependencies(apiConfig(), stepFunctionsClient(50)));

  const { statusCode, headers } = await get(apiEvent('GET /imports/{id}', { id: 'default_a_1' }));

  expect(statusCode).toBe(503);
  expect(headers).toMatchObject({ 'retry-after': '5' });
  silent.closeAllConnections();
  silent.close();
});

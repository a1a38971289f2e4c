import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
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
const cancelled = {
  id,
  ticket,
  profile: 'default',
  status: 'cancelled',
  started_at: time,
  finished_at: time,
};

test('cancels a running import', async () => {
  const { call, simulator, ended, stepFunctions } = await startTestWorkflow();
  simulator.script(ticket, scripts.isLimited);
  await call('POST', '/imports', { ticket });

  const { status, headers, json } = await call('DELETE', `/imports/${id}`);

  expect(status).toBe(202);
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'cache-control': 'no-store',
  });
  expect(headers).not.toHaveProperty('retry-after');
  expect(json).toEqual(cancelled);
  expect(await ended(id)).toMatchObject({ status: 'ABORTED' });
  expect(stepFunctions.runningExecutions()).toBe(0);
});

test('leaves in the execution who stopped it, and that the import goes on', async () => {
  const { api, start, ended } = await startTestMachine({ definition: machines.waits });
  await start(id, { ticket });

  await (await api()).delete(id);

  expect(await ended(id)).toMatchObject({
    cause: 'Cancelled by DELETE /imports/{id}. The import itself goes on in Feishu.',
  });
});

test('tells the same as a look afterwards', async () => {
  const { api, start } = await startTestMachine({ definition: machines.waits });
  const { get, delete: cancel } = await api();
  await start(id, { ticket });

  const { json } = await cancel(id);

  expect((await get(id)).json).toEqual(json);
});

test('asks Feishu no more about an import that was cancelled', async () => {
  const { call, simulator, ended } = await startTestWorkflow();
  simulator.script(ticket, scripts.neverEnds);
  await call('POST', '/imports', { ticket });
  await call('DELETE', `/imports/${id}`);
  await ended(id);
  await sleep(10);
  const queries = simulator.queriesOf(ticket);

  await sleep(50);

  expect(simulator.queriesOf(ticket)).toBe(queries);
});

test('leaves an import that has ended as it is', async () => {
  const { call, simulator, ended } = await startTestWorkflow();
  simulator.script(ticket, scripts.succeeds);
  await call('POST', '/imports', { ticket });
  await ended(id);

  const { status, json } = await call('DELETE', `/imports/${id}`);

  expect(status).toBe(200);
  expect(json).toEqual((await call('GET', `/imports/${id}`)).json);
  expect(json.status).toBe('succeeded');
});

test('does not stop what has ended', async () => {
  const { api, start, ended } = await startTestMachine({
    definition: machines.fails,
  });
  await start(id, { ticket });
  await ended(id);
  const { delete: cancel, calls } = await api();

  await cancel(id);

  expect(calls).toEqual(['DescribeExecution']);
});

test('answers the second time that it has been cancelled', async () => {
  const { api, start } = await startTestMachine({ definition: machines.waits });
  const { delete: cancel } = await api();
  await start(id, { ticket });
  const first = await cancel(id);

  const second = await cancel(id);

  expect(second.status).toBe(200);
  expect(second.json).toEqual(first.json);
});

test('tells the true end of an import that ends before it can be stopped', async () => {
  const succeeding = Promise.withResolvers<unknown>();
  const { api, start, ended } = await startTestMachine({ query: () => succeeding.promise });
  await start(id, { ticket });
  const { delete: cancel, calls } = await api({
    meddle: async (operation, pass) => {
      if (operation === 'StopExecution') {
        const output = { ticket, profile: 'default', status: 'succeeded', complete: true };
        succeeding.resolve({ outcome: 'succeeded', job_status: 0, output });
        await ended(id);
      }
      return pass();
    },
  });

  const { status, json } = await cancel(id);

  expect(status).toBe(200);
  expect(json).toEqual({ ...cancelled, status: 'succeeded', complete: true });
  expect(calls).toEqual(['DescribeExecution', 'StopExecution', 'DescribeExecution']);
});

test('answers from what was just done, however far reads lag behind', async () => {
  const { api, start, stepFunctions } = await startTestMachine({
    definition: machines.waits,
    staleReadMs: 100,
  });
  await start(id, { ticket });
  await sleep(110);

  const { status, json } = await (await api()).delete(id);

  expect(status).toBe(202);
  expect(json).toEqual(cancelled);
  expect(stepFunctions.runningExecutions()).toBe(0);
});

test('waits for an import that was started a moment ago', async () => {
  const { api, start } = await startTestMachine({ definition: machines.waits });
  await start(id, { ticket });
  const { delete: cancel } = await api({ meddle: unseenFor(3) });

  const { status, json } = await cancel(id);

  expect(status).toBe(202);
  expect(json).toEqual(cancelled);
});

test('says after a second or two that there is no such import', async () => {
  const slept: number[] = [];
  const { api } = await startTestMachine({ definition: machines.waits });
  const { delete: cancel, calls } = await api({ sleep: async (ms) => void slept.push(ms) });

  const { status, headers, json } = await cancel(id);

  expect(status).toBe(404);
  expect(headers).toMatchObject({ 'content-type': 'application/problem+json' });
  expect(json.detail).toBe(`There is no import ${id}.`);
  expect(slept).toEqual([200, 400, 800]);
  expect(calls).not.toContain('StopExecution');
});

test('says at once that no import has an id that cannot be one', async () => {
  const { delete: cancel, calls } = await startApiAlone();

  expect((await cancel('a:b')).status).toBe(404);
  expect(calls).toEqual([]);
});

test('cancels an execution that somebody else started', async () => {
  const { api, start } = await startTestMachine({ definition: machines.waits });
  await start('nightly-42', '[]');

  const { status, json } = await (await api()).delete('nightly-42');

  expect(status).toBe(202);
  expect(json).toMatchObject({ id: 'nightly-42', ticket: null, status: 'cancelled' });
});

import {
  ExecutionDoesNotExist,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { expect, onTestFinished, test, vi } from 'vitest';
import { hangs, startPolling } from './polling-machine.ts';

/** A clock that only the test moves on; timers run as ever. */
function stoppedClock() {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  return { passes: (ms: number) => vi.setSystemTime(Date.now() + ms) };
}

test('shows a start and an end only after a while', async () => {
  const clock = stoppedClock();
  const { sfn, stateMachineArn, start, describe, history } = await startPolling({
    query: hangs,
    staleReadMs: 1000,
  });
  const list = () => sfn.send(new ListExecutionsCommand({ stateMachineArn }));
  const read = (executionArn: string) => sfn.send(new GetExecutionHistoryCommand({ executionArn }));

  const executionArn = await start('one');
  clock.passes(999);
  await expect(describe(executionArn)).rejects.toThrow(ExecutionDoesNotExist);
  await expect(read(executionArn)).rejects.toThrow(ExecutionDoesNotExist);
  expect((await list()).executions).toEqual([]);

  clock.passes(1);
  expect((await describe(executionArn)).status).toBe('RUNNING');
  expect((await list()).executions).toMatchObject([{ name: 'one', status: 'RUNNING' }]);

  await sfn.send(new StopExecutionCommand({ executionArn, error: 'Cancelled' }));
  clock.passes(999);
  const early = await describe(executionArn);
  expect(early.status).toBe('RUNNING');
  expect(early).not.toHaveProperty('stopDate');
  expect(early).not.toHaveProperty('error');
  expect((await list()).executions).toMatchObject([{ status: 'RUNNING' }]);
  expect((await history(executionArn)).at(-1)?.type).not.toBe('ExecutionAborted');

  clock.passes(1);
  expect(await describe(executionArn)).toMatchObject({ status: 'ABORTED', error: 'Cancelled' });
  expect((await list()).executions).toMatchObject([{ status: 'ABORTED' }]);
  expect((await history(executionArn)).at(-1)?.type).toBe('ExecutionAborted');
});

test('starts and stops what it does not show yet', async () => {
  const { sfn, start, local } = await startPolling({ query: hangs, staleReadMs: 60_000 });
  const executionArn = await start('one');

  const again = await start('one');
  await sfn.send(new StopExecutionCommand({ executionArn }));

  expect(again).toBe(executionArn);
  expect(local.runningExecutions()).toBe(0);
});

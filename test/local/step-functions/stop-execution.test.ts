import { setTimeout as delay } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  ExecutionDoesNotExist,
  GetExecutionHistoryCommand,
  InvalidArn,
  type SFNClient,
  StopExecutionCommand,
  ValidationException,
} from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { hangs, pending, startPolling } from './polling-machine.ts';

test('stops an execution in a wait, for the reason given', async () => {
  const states: string[] = [];
  const { sfn, start, describe, history, local } = await startPolling({
    timeLapse: 1,
    onStateEntered: ({ state }) => states.push(state),
  });
  const executionArn = await start('one');
  await expect.poll(() => states, { interval: 1 }).toEqual(['First wait']);

  const { stopDate } = await sfn.send(
    new StopExecutionCommand({ executionArn, error: 'Cancelled', cause: 'by hand' }),
  );

  const described = await describe(executionArn);
  expect(described).toMatchObject({
    status: 'ABORTED',
    stopDate,
    error: 'Cancelled',
    cause: 'by hand',
    redriveStatus: 'REDRIVABLE',
  });
  expect(described).not.toHaveProperty('output');
  expect(await history(executionArn)).toMatchObject([
    { id: 1, previousEventId: 0, type: 'ExecutionStarted' },
    { id: 2, previousEventId: 0, type: 'WaitStateEntered' },
    {
      id: 3,
      previousEventId: 0,
      type: 'ExecutionAborted',
      executionAbortedEventDetails: { error: 'Cancelled', cause: 'by hand' },
    },
  ]);
  expect(local.runningExecutions()).toBe(0);
});

test('stops an execution for no reason', async () => {
  const { sfn, start, describe, history } = await startPolling({ query: hangs });
  const executionArn = await start('one');

  await sfn.send(new StopExecutionCommand({ executionArn }));

  const described = await describe(executionArn);
  expect(described.status).toBe('ABORTED');
  expect(described).not.toHaveProperty('error');
  expect(described).not.toHaveProperty('cause');
  const events = await history(executionArn);
  expect(events.at(-1)?.executionAbortedEventDetails).toEqual({});
});

test('leaves an execution that has ended as it is', async () => {
  const { sfn, run, describe } = await startPolling();
  const { executionArn = '', stopDate } = await run('one');

  const stopped = await sfn.send(
    new StopExecutionCommand({ executionArn, error: 'Late', cause: 'too late' }),
  );

  expect(stopped.stopDate).toEqual(stopDate);
  const described = await describe(executionArn);
  expect(described.status).toBe('SUCCEEDED');
  expect(described).not.toHaveProperty('error');
});

test('does not call a function again that was to be retried when the stop came', async () => {
  let queries = 0;
  const { sfn, start } = await startPolling({
    timeLapse: 100,
    query: () => {
      queries += 1;
      throw Object.assign(new Error('again'), { name: 'Flaky' });
    },
  });
  const executionArn = await start('one');
  await expect.poll(() => queries, { interval: 1 }).toBe(1);

  await sfn.send(new StopExecutionCommand({ executionArn }));
  await delay(20);

  expect(queries).toBe(1);
});

test('keeps nothing of what a function answers after the stop', async () => {
  const answer = Promise.withResolvers<unknown>();
  let queries = 0;
  const { sfn, start, describe, history } = await startPolling({
    query: () => {
      queries += 1;
      return answer.promise;
    },
  });
  const executionArn = await start('one');
  await expect.poll(() => queries, { interval: 1 }).toBe(1);

  await sfn.send(new StopExecutionCommand({ executionArn }));
  const atStop = await history(executionArn);
  answer.resolve(pending());
  await delay(5);

  expect(atStop.map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'WaitStateEntered',
    'WaitStateExited',
    'TaskStateEntered',
    'LambdaFunctionScheduled',
    'LambdaFunctionStarted',
    'ExecutionAborted',
  ]);
  expect(await history(executionArn)).toEqual(atStop);
  expect((await describe(executionArn)).status).toBe('ABORTED');
});

test.for([
  [
    'stop',
    (sfn: SFNClient, executionArn: string) => sfn.send(new StopExecutionCommand({ executionArn })),
  ],
  [
    'describe',
    (sfn: SFNClient, executionArn: string) =>
      sfn.send(new DescribeExecutionCommand({ executionArn })),
  ],
  [
    'tell the history of',
    (sfn: SFNClient, executionArn: string) =>
      sfn.send(new GetExecutionHistoryCommand({ executionArn })),
  ],
] as const)('cannot %s an execution that is not there', async ([, send]) => {
  const { sfn, start, stateMachineArn } = await startPolling();
  const ofAnotherMachine = (await start('one')).replace(':import:', ':export:');
  const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:none`;

  const missing = send(sfn, executionArn);

  await expect(missing).rejects.toThrow(ExecutionDoesNotExist);
  await expect(missing).rejects.toThrow(`Execution Does Not Exist: '${executionArn}'`);
  await expect(send(sfn, ofAnotherMachine)).rejects.toThrow(ExecutionDoesNotExist);
  await expect(send(sfn, 'one')).rejects.toThrow(InvalidArn);
  await expect(send(sfn, stateMachineArn)).rejects.toThrow(InvalidArn);
  await expect(send(sfn, executionArn.replace(':none', ''))).rejects.toThrow(InvalidArn);
});

test('refuses a reason that is too long, and does not repeat it', async () => {
  const { sfn, start, describe } = await startPolling({ query: hangs });
  const executionArn = await start('one');

  const refused = sfn.send(new StopExecutionCommand({ executionArn, error: 'x'.repeat(257) }));

  await expect(refused).rejects.toThrow(ValidationException);
  await expect(refused).rejects.not.toThrow('xxx');
  expect((await describe(executionArn)).status).toBe('RUNNING');
});

test('aborts what runs when it closes, as often as it is told to', async () => {
  const ended: string[] = [];
  const { local, start } = await startPolling({
    query: hangs,
    onExecutionEnded: ({ executionName, status }) => ended.push(`${executionName} ${status}`),
  });
  await start('one');
  await start('two');
  const runningBefore = local.runningExecutions();

  await Promise.all([local.close(), local.close()]);
  await local.close();

  expect(runningBefore).toBe(2);
  expect(local.runningExecutions()).toBe(0);
  expect(ended).toEqual(['one ABORTED', 'two ABORTED']);
});

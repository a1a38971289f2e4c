import {
  InvalidArn,
  InvalidToken,
  ListExecutionsCommand,
  type ListExecutionsCommandInput,
  paginateListExecutions,
  StateMachineDoesNotExist,
  StopExecutionCommand,
  ValidationException,
} from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { hangs, type QueryEvent, startPolling, succeeded } from './polling-machine.ts';

const byInput = ({ input }: QueryEvent) => {
  if (input === 'succeed') return succeeded();
  if (input === 'fail') return { outcome: 'failed', error: 'Import.NotFound', cause: 'none' };
  return hangs();
};

async function startFour() {
  const polling = await startPolling({ query: byInput });
  const { sfn, start, run, stateMachineArn } = polling;
  await run('first', '"succeed"');
  await run('second', '"fail"');
  const executionArn = await start('third');
  await sfn.send(new StopExecutionCommand({ executionArn }));
  await start('fourth');
  const list = (input: Partial<ListExecutionsCommandInput> = {}) =>
    sfn.send(new ListExecutionsCommand({ stateMachineArn, ...input }));
  return { ...polling, list };
}

test('lists executions, newest first', async () => {
  const { list, stateMachineArn } = await startFour();

  const { executions = [], nextToken } = await list();

  expect(executions.map(({ name, status }) => [name, status])).toEqual([
    ['fourth', 'RUNNING'],
    ['third', 'ABORTED'],
    ['second', 'FAILED'],
    ['first', 'SUCCEEDED'],
  ]);
  expect(executions[3]).toEqual({
    executionArn: `${stateMachineArn.replace(':stateMachine:', ':execution:')}:first`,
    stateMachineArn,
    name: 'first',
    status: 'SUCCEEDED',
    startDate: expect.any(Date),
    stopDate: expect.any(Date),
    redriveCount: 0,
  });
  expect(executions[0]).not.toHaveProperty('stopDate');
  expect(nextToken).toBeUndefined();
});

test.for([
  ['RUNNING', ['fourth']],
  ['SUCCEEDED', ['first']],
  ['FAILED', ['second']],
  ['ABORTED', ['third']],
  ['TIMED_OUT', []],
] as const)('lists executions that are %s', async ([statusFilter, names]) => {
  const { list } = await startFour();

  const { executions = [] } = await list({ statusFilter });

  expect(executions.map(({ name }) => name)).toEqual(names);
});

test('refuses a status that there is none of', async () => {
  const { list } = await startFour();

  const refused = list({ statusFilter: 'succeeded' as never });

  await expect(refused).rejects.toThrow(ValidationException);
  await expect(refused).rejects.toThrow("Value 'succeeded' at 'statusFilter'");
});

test('pages through all executions once while others start', async () => {
  const { sfn, start, stateMachineArn } = await startFour();

  const pages = [];
  const paginator = paginateListExecutions({ client: sfn, pageSize: 2 }, { stateMachineArn });
  for await (const { executions = [] } of paginator) {
    pages.push(executions.map(({ name }) => name));
    await start(`later-${pages.length}`);
  }

  expect(pages).toEqual([
    ['fourth', 'third'],
    ['second', 'first'],
  ]);
});

test('refuses a token that it did not give for this list', async () => {
  const { list } = await startFour();
  const { nextToken } = await list({ maxResults: 1 });

  await expect(list({ nextToken: 'abc' })).rejects.toThrow(InvalidToken);
  await expect(list({ nextToken, statusFilter: 'RUNNING' })).rejects.toThrow(InvalidToken);
});

test('lists the executions of no other state machine', async () => {
  const { list, stateMachineArn } = await startFour();

  const other = list({ stateMachineArn: `${stateMachineArn}-other` });

  await expect(other).rejects.toThrow(StateMachineDoesNotExist);
  await expect(list({ stateMachineArn: 'import' })).rejects.toThrow(InvalidArn);
});

test('knows no more executions that have ended than it was told to keep', async () => {
  const { run, start, sfn, stateMachineArn } = await startPolling({ keptExecutions: 2 });
  for (const name of ['first', 'second', 'third']) await run(name);

  const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn }));

  expect(executions.map(({ name }) => name)).toEqual(['third', 'second']);
  expect(await start('first'), 'its name is free again').toContain(':first');
});

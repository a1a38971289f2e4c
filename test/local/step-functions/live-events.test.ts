import { expect, test } from 'vitest';
import { pending, startPolling, succeeded } from './polling-machine.ts';

test('tells each state as it is entered, and the end last', async () => {
  const told: unknown[] = [];
  const { run } = await startPolling({
    query: ({ state }) => (state.query ? succeeded({ n: 1 }) : pending(1)),
    onStateEntered: ({ executionName, state, stateType }) =>
      told.push([executionName, state, stateType]),
    onExecutionEnded: ({ at, ...event }) => told.push(event),
  });

  await run('one');

  expect(told).toEqual([
    ['one', 'First wait', 'Wait'],
    ['one', 'Query', 'Task'],
    ['one', 'Branch', 'Choice'],
    ['one', 'Next wait', 'Wait'],
    ['one', 'Query', 'Task'],
    ['one', 'Branch', 'Choice'],
    ['one', 'Succeeded', 'Succeed'],
    { executionName: 'one', status: 'SUCCEEDED', output: { n: 1 } },
  ]);
});

test('counts what runs', async () => {
  const answer = Promise.withResolvers<unknown>();
  const { local, start, ended } = await startPolling({ query: () => answer.promise });
  const counts = [local.runningExecutions()];

  await start('one');
  await start('two');
  counts.push(local.runningExecutions());
  answer.resolve(succeeded());
  await Promise.all([ended('one').promise, ended('two').promise]);
  counts.push(local.runningExecutions());

  expect(counts).toEqual([0, 2, 0]);
});

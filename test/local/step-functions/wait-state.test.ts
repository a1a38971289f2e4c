import { expect, test } from 'vitest';
import { pending, startPolling, succeeded } from './polling-machine.ts';

test.for([
  [
    '1.5',
    1.5,
    'The SecondsPath parameter cannot be parsed as a long value: $.query.wait_seconds == 1.5',
  ],
  [
    '"1"',
    '1',
    'The SecondsPath parameter cannot be parsed as a long value: $.query.wait_seconds == "1"',
  ],
  [
    'null',
    null,
    'The SecondsPath parameter cannot be parsed as a long value: $.query.wait_seconds == null',
  ],
  ['-1', -1, 'The SecondsPath parameter references a negative value: $.query.wait_seconds == -1'],
  [
    'nothing',
    undefined,
    'The SecondsPath parameter does not reference an input value: $.query.wait_seconds',
  ],
] as const)('cannot wait for %s seconds', async ([, seconds, reason]) => {
  const { run, history } = await startPolling({
    query: () => ({ wait_seconds: seconds, outcome: '' }),
  });

  const { executionArn = '', ...described } = await run('one');

  const where =
    "An error occurred while executing the state 'Next wait' (entered at the event id #11).";
  expect(described).toMatchObject({
    status: 'FAILED',
    error: 'States.Runtime',
    cause: `${where} ${reason}`,
  });
  expect((await history(executionArn)).slice(-2).map(({ type }) => type)).toEqual([
    'WaitStateEntered',
    'ExecutionFailed',
  ]);
});

test('goes on at once after a wait of no seconds', async () => {
  const { run } = await startPolling({
    timeLapse: 100,
    query: ({ state }) => (state.query ? succeeded(state) : pending(0)),
  });

  expect(await run('one')).toMatchObject({
    status: 'SUCCEEDED',
    output: '{"query":{"outcome":"pending","wait_seconds":0}}',
  });
});

test('passes on the input of a wait, or nothing of it, as its paths say', async () => {
  const machine = {
    StartAt: 'Waits of its input',
    States: {
      'Waits of its input': {
        Type: 'Wait',
        InputPath: '$.inner',
        SecondsPath: '$.s',
        Next: 'Wait',
      },
      Wait: {
        Type: 'Wait',
        SecondsPath: '$$.Execution.Input.inner.s',
        OutputPath: '$.kept',
        Next: 'Query',
      },
      Query: { Type: 'Task', Resource: `\${QueryArn}`, TimeoutSeconds: 30, End: true },
    },
  };
  const { run } = await startPolling({
    definition: JSON.stringify(machine),
    query: (event) => ({ seen: event }),
  });

  const { output } = await run('one', '{"inner":{"s":1,"kept":[1,2]}}');

  expect(output).toBe('{"seen":[1,2]}');
});

import { setTimeout as delay } from 'node:timers/promises';
import {
  ExecutionAlreadyExists,
  InvalidArn,
  InvalidExecutionInput,
  InvalidName,
  StartExecutionCommand,
  StateMachineDoesNotExist,
  StopExecutionCommand,
  ValidationException,
} from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { hangs, startPolling, succeeded } from './polling-machine.ts';

test('runs an execution from its input to its output', async () => {
  const { run, local } = await startPolling({
    query: ({ input, state }) => succeeded({ input, state }),
  });

  const described = await run('one', '{"ticket": "7369583175086912356"}');

  expect(described).toMatchObject({
    executionArn: `${local.stateMachineArn.replace(':stateMachine:', ':execution:')}:one`,
    stateMachineArn: local.stateMachineArn,
    name: 'one',
    status: 'SUCCEEDED',
    input: '{"ticket": "7369583175086912356"}',
    output: '{"input":{"ticket":"7369583175086912356"},"state":{}}',
    redriveCount: 0,
    redriveStatus: 'NOT_REDRIVABLE',
  });
  expect(described.startDate).toBeInstanceOf(Date);
  expect(Number(described.stopDate)).toBeGreaterThanOrEqual(Number(described.startDate));
  expect(described).not.toHaveProperty('error');
  expect(described).not.toHaveProperty('cause');
});

test.for(['[]', '5', '0', '"x"', 'null', 'true', '[{"a":1}]'])(
  'takes the input %s, which is no object',
  async (input) => {
    const { run } = await startPolling({ query: (event) => succeeded({ seen: event.input }) });

    const { status, output } = await run('one', input);

    expect(status).toBe('SUCCEEDED');
    expect(output).toBe(`{"seen":${input}}`);
  },
);

test('names an execution by a UUID and gives it an empty object if it is told neither', async () => {
  const { sfn, stateMachineArn, describe } = await startPolling({ query: hangs });

  const { executionArn = '' } = await sfn.send(new StartExecutionCommand({ stateMachineArn }));

  const { name, input } = await describe(executionArn);
  expect(name).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(input).toBe('{}');
});

test('answers a second start alike while the first runs', async () => {
  let queries = 0;
  const { sfn, stateMachineArn } = await startPolling({
    query: () => {
      queries += 1;
      return hangs();
    },
  });
  const command = new StartExecutionCommand({ stateMachineArn, name: 'one', input: '{"a":1}' });

  const first = await sfn.send(command);
  const second = await sfn.send(command);
  await expect.poll(() => queries, { interval: 1 }).toBe(1);
  await delay(5);

  expect(queries).toBe(1);
  expect(second.executionArn).toBe(first.executionArn);
  expect(second.startDate).toEqual(first.startDate);
});

test('refuses a second start with another input', async () => {
  const { start } = await startPolling({ query: hangs });
  const arn = await start('one', '{"a":1}');

  const again = start('one', '{"a":2}');

  await expect(again).rejects.toThrow(ExecutionAlreadyExists);
  await expect(again).rejects.toThrow(`Execution Already Exists: '${arn}'`);
});

test('refuses a second start once the first has ended', async () => {
  const { start, sfn } = await startPolling({ query: hangs });
  const executionArn = await start('one');
  await sfn.send(new StopExecutionCommand({ executionArn }));

  await expect(start('one')).rejects.toThrow(ExecutionAlreadyExists);
});

test.for(['a b', 'a.b', 'ä', 'a:b'])('refuses the name %s', async (name) => {
  const { start } = await startPolling();

  const refused = start(name);

  await expect(refused).rejects.toThrow(InvalidName);
  await expect(refused).rejects.toThrow(`Invalid Name: '${name}'`);
});

test('takes a name of 80 characters and refuses a longer one', async () => {
  const { start } = await startPolling();

  await start('a'.repeat(80));

  const refused = start('a'.repeat(81));
  await expect(refused).rejects.toThrow(ValidationException);
  await expect(refused).rejects.toThrow('Member must have length less than or equal to 80');
});

test.for(['{', "{'a':1}", 'not json', ''])('refuses the input %s', async (input) => {
  const { start } = await startPolling();

  const refused = start('one', input);

  await expect(refused).rejects.toThrow(InvalidExecutionInput);
  await expect(refused).rejects.toThrow('Invalid State Machine Execution Input: ');
});

test('counts the bytes of an input, not its characters', async () => {
  const { start } = await startPolling();
  const twoByteLetters = (262_144 - 2) / 2;

  await start('one', `"${'ä'.repeat(twoByteLetters)}"`);

  const refused = start('two', `"${'ä'.repeat(twoByteLetters + 1)}"`);
  await expect(refused).rejects.toThrow(ValidationException);
  await expect(refused).rejects.toThrow("Value at 'input' failed to satisfy constraint");
});

test.for([
  ['not-an-arn', 'Invalid ARN prefix: not-an-arn'],
  [
    'arn:aws:states:us-east-1:000000000000:execution:import:one',
    'Resource type not valid in this context: execution',
  ],
] as const)('refuses to start at %s', async ([stateMachineArn, reason]) => {
  const { sfn } = await startPolling();

  const refused = sfn.send(new StartExecutionCommand({ stateMachineArn }));

  await expect(refused).rejects.toThrow(InvalidArn);
  await expect(refused).rejects.toThrow(reason);
});

test('does not know another state machine, whatever else is wrong', async () => {
  const { sfn, stateMachineArn } = await startPolling();
  const other = `${stateMachineArn}-other`;

  const refused = sfn.send(
    new StartExecutionCommand({ stateMachineArn: other, name: 'a b', input: '{' }),
  );

  await expect(refused).rejects.toThrow(StateMachineDoesNotExist);
  await expect(refused).rejects.toThrow(`State Machine Does Not Exist: '${other}'`);
});

test('runs a state machine of another name', async () => {
  const { run, stateMachineArn } = await startPolling({ stateMachineName: 'other' });

  const { executionArn } = await run('one');

  expect(stateMachineArn).toMatch(/:stateMachine:other$/);
  expect(executionArn).toMatch(/:execution:other:one$/);
});

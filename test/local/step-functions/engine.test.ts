import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { functionArn } from '../../../infra/local/step-functions/arns.ts';
import type { Definition } from '../../../infra/local/step-functions/definition.ts';
import { startEngine } from '../../../infra/local/step-functions/engine.ts';
import { executionStore } from '../../../infra/local/step-functions/executions.ts';
import { hangs } from './polling-machine.ts';

const longWait: Definition = {
  StartAt: 'Wait',
  TimeoutSeconds: 3600,
  States: { Wait: { Type: 'Wait', Seconds: 3600, Next: 'End' }, End: { Type: 'Succeed' } },
};

const hangingTask: Definition = {
  StartAt: 'Hang',
  TimeoutSeconds: 3600,
  States: { Hang: { Type: 'Task', Resource: functionArn('query'), TimeoutSeconds: 60, End: true } },
};

async function startOne(definition: Definition) {
  const entered: string[] = [];
  const engine = await startEngine({
    definition,
    machineName: 'import',
    invoke: hangs,
    timeLapse: 1,
    onStateEntered: ({ state }) => entered.push(state),
    onExecutionEnded: undefined,
  });
  const execution = executionStore().add('one', '{}', Date.now());
  engine.start(execution, {});
  return { engine, execution, entered };
}

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

test('does not enter the first state of an execution that is stopped before it', async () => {
  const { engine, execution, entered } = await startOne(longWait);

  engine.stop(execution, {});
  await delay(1);

  expect(execution.ending).toMatchObject({ status: 'ABORTED' });
  expect(entered).toEqual([]);
});

test.for([
  ['before its first state', longWait, 0],
  ['in a wait', longWait, 5],
  ['in a function', hangingTask, 5],
] as const)('leaves no timer of an execution that is stopped %s', async ([, definition, ms]) => {
  const before = timers();
  const { engine, execution } = await startOne(definition);

  if (ms > 0) await delay(ms);
  engine.stop(execution, {});
  await delay(1);

  expect(timers()).toBeLessThanOrEqual(before);
});

test('keeps what an execution did, once it has ended, in a small space', async () => {
  const { engine, execution } = await startOne(longWait);
  await delay(5);

  engine.stopAll();

  expect(execution.visits).toBeInstanceOf(Uint8Array);
  expect(engine.running()).toBe(0);
});

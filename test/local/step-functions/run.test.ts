import { expect, test } from 'vitest';
import { executionStore } from '../../../infra/local/step-functions/executions.ts';
import { newRun, until } from '../../../infra/local/step-functions/run.ts';

test('can end a wait though work that was given up on ends during it', async () => {
  const run = newRun(executionStore().add('one', '{}', Date.now()));
  const late = Promise.withResolvers<string>();
  const givenUp = await until(run, 1, late.promise);

  const waiting = until(run, 60_000);
  late.resolve('late');
  await late.promise;
  run.release?.();

  expect(givenUp).toBeUndefined();
  expect(await waiting).toBeUndefined();
});

test('settles with what the work gives if that is in time', async () => {
  const run = newRun(executionStore().add('one', '{}', Date.now()));

  expect(await until(run, 60_000, Promise.resolve('done'))).toBe('done');
  expect(run.release).toBeUndefined();
});

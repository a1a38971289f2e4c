import { expect, test } from 'vitest';
import { executionStore } from '../../../infra/local/step-functions/executions.ts';

function storeOf(kept: number, ...names: string[]) {
  const store = executionStore(kept);
  for (const name of names) store.add(name, '{}', 0);
  const listed = (before = Number.POSITIVE_INFINITY) =>
    [...store.newestBefore(before)].map(({ name }) => name);
  return { store, listed };
}

test('forgets the execution that ended first where more have ended than are kept', () => {
  const { store, listed } = storeOf(2, 'a', 'b', 'c', 'd');

  for (const name of ['c', 'a', 'd']) store.hasEnded(name);

  expect(store.find('c')).toBeUndefined();
  expect(listed()).toEqual(['d', 'b', 'a']);
});

test('never forgets an execution that runs', () => {
  const { store, listed } = storeOf(0, 'a', 'b', 'c');

  store.hasEnded('b');

  expect(listed()).toEqual(['c', 'a']);
});

test('lists on from where a page ended, whatever was forgotten meanwhile', () => {
  const { store, listed } = storeOf(0, 'a', 'b', 'c', 'd');
  const before = store.find('c')?.sequence;

  store.hasEnded('a');
  store.hasEnded('d');
  store.add('e', '{}', 0);

  expect(listed(before)).toEqual(['b']);
});

test('gives a name that was forgotten to another execution', () => {
  const { store, listed } = storeOf(0, 'a');

  store.hasEnded('a');
  store.add('a', '{"second":true}', 0);

  expect(store.find('a')?.input).toBe('{"second":true}');
  expect(listed()).toEqual(['a']);
});

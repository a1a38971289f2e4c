import { expect, test } from 'vitest';
import { ConfigError, readSettings, type Settings } from '../functions/settings.ts';

const read = <Value>(
  environment: Record<string, string | undefined>,
  from: (settings: Settings) => Value,
) => readSettings(environment, from);

function faultOf(environment: Record<string, string>, from: (settings: Settings) => unknown) {
  try {
    read(environment, from);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
  }
  throw new Error('the settings were accepted');
}

test('one that is set to nothing counts as not set', () => {
  for (const environment of [{}, { A: '' }, { A: undefined }]) {
    expect(read(environment, (settings) => settings.text('A'))).toBeUndefined();
    expect(read(environment, (settings) => settings.wholeNumber('A', 1, 9, 5))).toBe(5);
    expect(read(environment, (settings) => settings.oneOf('A', ['x', 'y'], 'y'))).toBe('y');
    expect(
      read(environment, (settings) => settings.optional('A', Number, 'wrong')),
    ).toBeUndefined();
  }
});

test('a whole number is read between its bounds', () => {
  const port = (settings: Settings) => settings.wholeNumber('PORT', 0, 65_535, 3000);

  expect(['0', '65535', '080'].map((PORT) => read({ PORT }, port))).toEqual([0, 65_535, 80]);
  expect(faultOf({ PORT: '65536' }, port)).toBe(
    'PORT must be a whole number from 0 to 65535, not "65536"',
  );
});

test('one of several is read, and all are named where it is none of them', () => {
  const way = (settings: Settings) => settings.oneOf('WAY', ['in', 'out', 'both']);

  expect(read({ WAY: 'out' }, way)).toBe('out');
  expect(faultOf({ WAY: 'up' }, way)).toBe('WAY must be in, out or both');
  expect(faultOf({}, way)).toBe('WAY must be in, out or both');
});

test('one that must be set is read where it is', () => {
  const needed = (settings: Settings) => settings.required('A');

  expect(read({ A: 'anything' }, needed)).toBe('anything');
  expect(faultOf({}, needed)).toBe('A is not set');
  expect(faultOf({ A: '' }, needed)).toBe('A is not set');
});

test('one is read as its reader says, or said to be wrong', () => {
  const half = (settings: Settings) =>
    settings.optional(
      'A',
      (text) => (Number(text) > 0 ? Number(text) / 2 : undefined),
      'A is wrong',
    );

  expect(read({ A: '12' }, half)).toBe(6);
  expect(faultOf({ A: 'x' }, half)).toBe('A is wrong');
});

test('every fault has a line, in the order of the reading', () => {
  const fault = faultOf({ B: 'x' }, (settings) => [
    settings.required('A'),
    settings.wholeNumber('B', 1, 2, 1),
    settings.fault('A and B do not go together'),
  ]);

  expect(fault.split('\n')).toEqual([
    'A is not set',
    'B must be a whole number from 1 to 2, not "x"',
    'A and B do not go together',
  ]);
});

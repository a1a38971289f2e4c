import { expect, test } from 'vitest';
import { functionArn } from '../../../infra/local/step-functions/arns.ts';
import { loadDefinition } from '../../../infra/local/step-functions/definition.ts';
import { pollingMachine } from './polling-machine.ts';

const load = (definition: unknown, placeholders = ['QueryArn']) =>
  loadDefinition(JSON.stringify(definition), placeholders, functionArn);

const withState = (name: keyof typeof pollingMachine.States, changes: object) => ({
  ...pollingMachine,
  States: {
    ...pollingMachine.States,
    [name]: { ...pollingMachine.States[name], ...changes },
  },
});

const mapState = {
  Type: 'Map',
  Seconds: undefined,
  ItemProcessor: { StartAt: 'Pass', States: { Pass: { Type: 'Pass', End: true } } },
};

test('puts ARNs in the place of placeholders and leaves the rest', () => {
  const { States, ...machine } = load(pollingMachine);

  const { Query, ...others } = pollingMachine.States;
  expect(States).toEqual({ ...others, Query: { ...Query, Resource: functionArn('QueryArn') } });
  expect(machine).toEqual({ StartAt: 'First wait', TimeoutSeconds: 7200 });
});

test('refuses a placeholder without a function', () => {
  expect(() => load(pollingMachine, [])).toThrow(
    `The definition names \${QueryArn}, but no function is given for it`,
  );
});

test('refuses a function without a placeholder', () => {
  expect(() => load(pollingMachine, ['QueryArn', 'OtherArn'])).toThrow(
    `A function is given for \${OtherArn}, which the definition does not name`,
  );
});

test('refuses what is not JSON', () => {
  expect(() => loadDefinition('{', [], functionArn)).toThrow('The definition is not JSON');
});

test('refuses what is no state machine', () => {
  expect(() => load(withState('Query', { Next: 'Brnach' }))).toThrow('Brnach');
});

test.for([
  ['QueryLanguage', { ...pollingMachine, QueryLanguage: 'JSONata' }],
  ['Timestamp', withState('First wait', { Seconds: undefined, Timestamp: '2030-01-01T00:00:00Z' })],
  ['Resource must be', withState('Query', { Resource: 'arn:aws:states:::lambda:invoke' })],
  [
    'TimeoutSecondsPath',
    withState('Query', { TimeoutSeconds: undefined, TimeoutSecondsPath: '$.t' }),
  ],
  ['type Map', withState('First wait', mapState)],
] as const)('refuses what it would not run as AWS does: %s', ([reason, definition]) => {
  const text = JSON.stringify(definition);
  const placeholders = text.includes(`\${QueryArn}`) ? ['QueryArn'] : [];

  expect(() => loadDefinition(text, placeholders, functionArn)).toThrow(reason);
});

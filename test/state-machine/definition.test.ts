import { readFileSync } from 'node:fs';
import { getLanguageService, TextDocument } from 'amazon-states-language-service';
import aslValidator from 'asl-validator';
import { expect, test } from 'vitest';
import { causeOf } from '../../functions/contract/decided-outcome.ts';
import { failure } from '../../functions/core/failure.ts';
import { noMemory } from '../../functions/core/import-decision.ts';

const text = readFileSync('infra/import.asl.json', 'utf8');
const definition = JSON.parse(text);
const states: [string, Record<string, unknown>][] = Object.entries(definition.States);
const { QueryImport: query, QueryBroken: broken } = definition.States;
const [onServiceFault, onDeadFunction] = query.Retry;

test('passes asl-validator', () => {
  const { isValid, errorsText } = aslValidator(JSON.parse(text), {
    checkPaths: true,
    checkArn: true,
  });

  expect(errorsText('\n')).toBe('');
  expect(isValid).toBe(true);
});

test("passes the language service of AWS's own tools", async () => {
  const service = getLanguageService({});
  const document = TextDocument.create('file:///import.asl.json', 'asl', 1, text);
  const json = service.parseJSONDocument(document);

  expect(await service.doValidation(document, json, {})).toEqual([]);
});

test('has a time limit above every deadline, as a seat belt', () => {
  expect(definition.TimeoutSeconds).toBe(90_000);
});

test('limits the time of its task, which is without limit by default', () => {
  expect(query.TimeoutSeconds).toBeGreaterThan(45);
});

test('names neither a partition, a region nor an account', () => {
  expect(text).not.toMatch(/arn:|aws:|[a-z]{2}-[a-z]+-\d|\d{12}/);
  expect(query.Resource).toMatch(/^\$\{QueryImportFunctionArn\}$/);
});

test('has no placeholder but the function', () => {
  expect([...text.matchAll(/\$\{(.*?)\}/g)].map(([, name]) => name)).toEqual([
    'QueryImportFunctionArn',
  ]);
});

test.for([
  'Lambda.TooManyRequestsException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ClientExecutionTimeoutException',
  // a function in a subnet that has been idle for weeks has no network interface at first
  'Lambda.ResourceNotReadyException',
  'Lambda.ResourceConflictException',
  'Lambda.EC2ThrottledException',
  'Lambda.ENILimitReachedException',
  'Lambda.SubnetIPAddressLimitReachedException',
])('waits out %s of the Lambda service with many attempts', (error) => {
  expect(onServiceFault.ErrorEquals).toContain(error);
  expect(onServiceFault.MaxAttempts).toBeGreaterThanOrEqual(20);
  expect(onServiceFault).toMatchObject({ MaxDelaySeconds: 60, JitterStrategy: 'FULL' });
});

test.for(['Sandbox.Timedout', 'Runtime.ExitError', 'Lambda.Unknown', 'States.Timeout'])(
  'tries again three times after %s of a function that died or overran',
  (error) => {
    expect(onDeadFunction.ErrorEquals).toContain(error);
    expect(onDeadFunction.MaxAttempts).toBe(3);
  },
);

test('retries nothing else: what the function throws is broken in us', () => {
  expect(query.Retry).toHaveLength(2);
  expect(onServiceFault.ErrorEquals).toHaveLength(10);
  expect(onDeadFunction.ErrorEquals).toHaveLength(4);
});

test('catches everything that is left', () => {
  expect(query.Catch).toEqual([
    { ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'QueryBroken' },
  ]);
});

test('says of a broken query what the catalogue says, in the keys of every other Cause', () => {
  const cause = JSON.parse(broken.Cause);
  const { message, message_zh, ticket, queries, elapsed_seconds, ...rest } = causeOf(
    failure('Internal.Error', { en: '', zh: '' }),
    noMemory,
    { ticket: null, profile: null },
  );

  expect(broken.Error).toBe('Internal.Error');
  expect(Object.keys(cause)[0]).toBe('message');
  expect(cause).toEqual({
    message: expect.stringMatching(/\.$/),
    message_zh: expect.stringMatching(/。$/),
    ...JSON.parse(JSON.stringify(rest)),
  });
});

// What the validators miss, and what not every engine runs alike

test('is in JSONPath alone', () => {
  expect(text).not.toMatch(/"(QueryLanguage|Arguments|Output|Assign)"|\{%|"\$[a-z]/i);
});

test.for(states.filter(([, { Type }]) => Type === 'Wait'))(
  '%s waits for whole seconds from a number or a path',
  ([, state]) => {
    expect(Number.isInteger(state.Seconds) || typeof state.SecondsPath === 'string').toBe(true);
  },
);

test.for(states.filter(([, { Type }]) => Type === 'Choice'))(
  '%s compares numbers and texts for equality alone, and has a default',
  ([, state]) => {
    const operators = JSON.stringify(state.Choices).match(/"(Numeric|String|Is|Boolean|Not)\w*"/g);

    expect(new Set(operators)).toEqual(new Set(['"NumericEquals"', '"StringEquals"']));
    expect(state.Default).toBe('ImportFailed');
  },
);

test('uses no intrinsic function, and of the context only what every engine has', () => {
  expect(text).not.toMatch(/States\.(?!ALL|Timeout)/);
  expect([...text.matchAll(/\$\$\.[\w.]+/g)].map(([path]) => path)).toEqual([
    '$$.Execution.Id',
    '$$.Execution.StartTime',
    '$$.Execution.Input',
  ]);
});

test('lets an error name that is reserved for AWS into no Fail state', () => {
  const fails = states.filter(([, { Type }]) => Type === 'Fail').map(([, state]) => state);

  expect(fails).toEqual([
    { Type: 'Fail', ErrorPath: '$.query.error', CausePath: '$.query.cause' },
    expect.objectContaining({ Error: 'Internal.Error' }),
  ]);
});

test.for([onServiceFault, onDeadFunction])(
  'waits longer from attempt to attempt: %j',
  (retrier) => {
    expect(retrier.IntervalSeconds).toBeGreaterThanOrEqual(1);
    expect(retrier.BackoffRate).toBeGreaterThan(1);
    expect(retrier.MaxDelaySeconds).toBeGreaterThan(retrier.IntervalSeconds);
  },
);

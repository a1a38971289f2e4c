import { expect, test } from 'vitest';
import {
  executionInput,
  importRequest,
  inputKeys,
  requestKeys,
  subjectOf,
} from '../../functions/contract/execution-input.ts';
import { faultsOf } from '../../functions/contract/input-faults.ts';

const ticket = '7369583175086912356';

/** An input as it comes from outside: as JSON. */
const inputOf = (differing: string) =>
  JSON.parse(`{ "ticket": "${ticket}"${differing && ', '}${differing} }`);

function faultsIn(input: unknown, schema: typeof executionInput | typeof importRequest) {
  const { error } = schema.safeParse(input);
  return error ? faultsOf(error, schema === importRequest ? requestKeys : inputKeys) : [];
}

const notAnInput = { path: '', message: 'the input must be a JSON object with a ticket' };

test('a ticket is all that is needed', () => {
  expect(executionInput.parse({ ticket })).toStrictEqual({
    ticket,
    profile: 'default',
    timeoutSeconds: 3600,
    expectedSeconds: undefined,
    onFailure: 'fail',
  });
});

test('everything that is given is taken', () => {
  const input = {
    ticket,
    profile: 'team-b',
    timeout_seconds: 7200,
    expected_seconds: 600,
    on_failure: 'return',
    request_id: 'Root=1-67891233-abcdef012345678912345678',
    AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: 'arn:aws:states:eu-west-1:1:execution:parent:a',
  };

  expect(executionInput.parse(input)).toStrictEqual({
    ticket,
    profile: 'team-b',
    timeoutSeconds: 7200,
    expectedSeconds: 600,
    onFailure: 'return',
  });
});

test('the body of a POST keeps its own keys', () => {
  const body = {
    ticket,
    profile: 'team-b',
    timeout_seconds: 1,
    expected_seconds: 1,
    on_failure: 'fail',
  };

  expect(importRequest.parse(body)).toStrictEqual(body);
});

test.for([
  ['a ticket of one character', { ticket: 'a' }],
  ['a ticket of 64 characters', { ticket: 'Az09_-'.padEnd(64, 'x') }],
  ['a profile of one character', { ticket, profile: '0' }],
  ['a profile of 32 characters', { ticket, profile: 'a-'.repeat(16) }],
  ['a second', { ticket, timeout_seconds: 1, expected_seconds: 1 }],
  ['a day', { ticket, timeout_seconds: 86_400, expected_seconds: 86_400 }],
  ['an expectation beyond the timeout', { ticket, timeout_seconds: 5, expected_seconds: 500 }],
] as const)('%s is taken', ([, input]) => {
  expect(faultsIn(input, executionInput)).toEqual([]);
  expect(faultsIn(input, importRequest)).toEqual([]);
});

test.for([
  ['an empty request_id', { request_id: '' }],
  ['a request_id of 128 characters', { request_id: ' '.repeat(128) }],
  ["a parent's id that is no string", { AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: null }],
] as const)('%s is taken from an execution', ([, differing]) => {
  expect(faultsIn({ ticket, ...differing }, executionInput)).toEqual([]);
});

const badTicket = 'ticket must be 1 to 64 letters, digits, "-" and "_", exactly as Feishu gave it';

test.for([
  ['empty', ''],
  ['65 characters', 'x'.repeat(65)],
  ['a path', 'a/b'],
  ['a way out', '..'],
  ['a space before', ` ${ticket}`],
  ['a space after', `${ticket} `],
  ['a line break', `${ticket}\n`],
  ['a null character', `${ticket}\0`],
  ['an escape', '%2e%2e'],
  ['a query', `${ticket}?x=1`],
  ['full-width digits', '７３６９'],
  ['Chinese', '导入'],
  ['an emoji', '🎫'],
] as const)('a ticket is refused: %s', ([, bad]) => {
  expect(faultsIn({ ticket: bad }, executionInput)).toEqual([
    { path: 'ticket', message: badTicket },
  ]);
});

test('a ticket that is a number is refused with the advice to send a string', () => {
  expect(faultsIn(JSON.parse(`{ "ticket": ${ticket} }`), executionInput)).toEqual([
    {
      path: 'ticket',
      message:
        'ticket must be a string: put it in quotes, since a JSON number cannot hold its 19 digits',
    },
  ]);
});

test('a missing ticket is said to be missing', () => {
  expect(faultsIn({}, executionInput)).toEqual([
    {
      path: 'ticket',
      message:
        'ticket must be a string, the one that Feishu gave for the import task; it is missing',
    },
  ]);
});

test.for([null, true, [ticket], { ticket }])('ticket %j is refused', (bad) => {
  expect(faultsIn({ ticket: bad }, executionInput)).toEqual([
    {
      path: 'ticket',
      message: 'ticket must be a string, the one that Feishu gave for the import task',
    },
  ]);
});

const badProfile =
  'profile must be 1 to 32 lower-case letters, digits and "-", beginning with a letter or digit';

test.for([
  ['""', badProfile],
  ['"Team"', badProfile],
  ['"-team"', badProfile],
  ['"team_b"', badProfile],
  ['"team b"', badProfile],
  ['"team\\n"', badProfile],
  ['"é"', badProfile],
  ['"../secret"', badProfile],
  [`"${'a'.repeat(33)}"`, badProfile],
  ['5', 'profile must be a string'],
  ['null', 'profile must be a string'],
] as const)('profile %s is refused', ([json, message]) => {
  expect(faultsIn(inputOf(`"profile": ${json}`), executionInput)).toEqual([
    { path: 'profile', message },
  ]);
});

const seconds = ['0', '-1', '86401', '1e9', '1.5', '0.5', '"60"', 'null', 'true', '[60]', '1e999'];

test.for(
  ['timeout_seconds', 'expected_seconds'].flatMap((key) =>
    seconds.map((json) => [key, json] as const),
  ),
)('%s %s is refused', ([key, json]) => {
  const message = `${key} must be a whole number of seconds from 1 to 86400 (a day)`;

  expect(faultsIn(inputOf(`"${key}": ${json}`), executionInput)).toEqual([{ path: key, message }]);
});

test.for(['"FAIL"', '""', '"retry"', 'null', 'true', '0'])('on_failure %s is refused', (json) => {
  expect(faultsIn(inputOf(`"on_failure": ${json}`), executionInput)).toEqual([
    { path: 'on_failure', message: 'on_failure must be "fail" or "return"' },
  ]);
});

test.for([
  [`"${'x'.repeat(129)}"`, 'request_id must be at most 128 characters'],
  ['7', 'request_id must be a string'],
  ['null', 'request_id must be a string'],
] as const)('request_id %s is refused', ([json, message]) => {
  expect(faultsIn(inputOf(`"request_id": ${json}`), executionInput)).toEqual([
    { path: 'request_id', message },
  ]);
});

test.for([
  'tickets',
  'Ticket',
  'timeout',
  'timeoutSeconds',
  '',
  '__proto__',
  'constructor',
  'toString',
])('the key "%s" is refused', (key) => {
  const [fault, ...others] = faultsIn(inputOf(`"${key}": 1`), executionInput);

  expect(others).toEqual([]);
  expect(fault?.path).toBe(key);
  expect(fault?.message).toContain(`"${key}" is not known here`);
});

test('an endless key is named by its beginning', () => {
  const [fault] = faultsIn(inputOf(`"${'k'.repeat(5000)}": 1`), executionInput);

  expect(fault?.message.length).toBeLessThan(500);
  expect(fault?.message).toContain(`"${'k'.repeat(63)}…"`);
});

test.for(['request_id', 'AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID'])(
  'the body of a POST has no %s',
  (key) => {
    const [fault, ...others] = faultsIn({ ticket, [key]: 'x' }, importRequest);

    expect(others).toEqual([]);
    expect(fault?.message).toContain(`"${key}" is not known here`);
  },
);

test.for([[null], [[]], [[{ ticket }]], ['x'], [5], [true], [undefined]])(
  '%j is no input',
  ([input]) => {
    expect(faultsIn(input, executionInput)).toEqual([notAnInput]);
    expect(faultsIn(input, importRequest)).toEqual([notAnInput]);
  },
);

test('all faults are listed at once', () => {
  const input = {
    ticket: 5,
    profile: 'A',
    timeout_seconds: 0,
    expected_seconds: 'x',
    on_failure: 1,
    request_id: 1,
    foo: 1,
    bar: 2,
  };

  expect(faultsIn(input, executionInput).map(({ path }) => path)).toEqual(Object.keys(input));
});

test('a fault is told in our words, not in those of a library', () => {
  const values = [null, 5, -5, 0.5, 1e300, '', 'x'.repeat(500), true, [], {}];
  const keys = [
    'ticket',
    'profile',
    'timeout_seconds',
    'expected_seconds',
    'on_failure',
    'request_id',
  ];
  const faults = keys.flatMap((key) =>
    values.flatMap((value) => faultsIn({ ticket, [key]: value }, executionInput)),
  );

  expect(faults.length).toBeGreaterThan(40);
  expect(faults.filter(({ path, message }) => !message.startsWith(`${path} must be `))).toEqual([]);
});

test('a number that is far too large is one fault', () => {
  expect(faultsIn({ ticket, timeout_seconds: 1e300 }, executionInput)).toHaveLength(1);
});

test.for([
  ['a good input', { ticket, profile: 'team-b', timeout_seconds: 5 }, ticket, 'team-b'],
  ['an input without a profile', { ticket }, ticket, 'default'],
  ['an input with faults elsewhere', { ticket, timeout_seconds: 'x', foo: 1 }, ticket, 'default'],
  ['an input with a bad ticket', { ticket: 'a/b', profile: 'team-b' }, null, 'team-b'],
  ['an input with a number as ticket', { ticket: 7369583175086912 }, null, 'default'],
  ['an input with a bad profile', { ticket, profile: 'Team' }, ticket, null],
  ['an empty object', {}, null, 'default'],
  ['no object', 'x', null, null],
  ['nothing', undefined, null, null],
] as const)('%s is as much of an import as it says', ([, input, readTicket, profile]) => {
  expect(subjectOf(input)).toStrictEqual({ ticket: readTicket, profile });
});

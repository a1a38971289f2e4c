import fc from 'fast-check';
import { expect, test } from 'vitest';
import { executionInput } from '../../functions/contract/execution-input.ts';
import { plainInput } from '../../functions/contract/plain-input.ts';

// It has to take what the schema takes, and nothing else, and make the same of it.

const ticket = '7369583175086912356';

function bySchema(input: unknown) {
  const { data, error } = executionInput.safeParse(input);
  return error ? undefined : data;
}

test('an input that is plainly right is read', () => {
  expect(plainInput({ ticket, timeout_seconds: 60 })).toStrictEqual({
    ticket,
    profile: 'default',
    timeoutSeconds: 60,
    expectedSeconds: undefined,
    onFailure: 'fail',
  });
});

test.for([
  '{}',
  'null',
  '[]',
  `["${ticket}"]`,
  `"${ticket}"`,
  `{ "ticket": ${ticket} }`,
  '{ "ticket": "" }',
  `{ "ticket": "${ticket}\\n" }`,
  `{ "ticket": "${'1'.repeat(65)}" }`,
  `{ "ticket": "${ticket}", "profile": "Team" }`,
  `{ "ticket": "${ticket}", "profile": null }`,
  `{ "ticket": "${ticket}", "timeout_seconds": 0 }`,
  `{ "ticket": "${ticket}", "timeout_seconds": 86401 }`,
  `{ "ticket": "${ticket}", "timeout_seconds": 1.5 }`,
  `{ "ticket": "${ticket}", "expected_seconds": "60" }`,
  `{ "ticket": "${ticket}", "expected_seconds": 86401 }`,
  `{ "ticket": "${ticket}", "on_failure": "stop" }`,
  `{ "ticket": "${ticket}", "request_id": 5 }`,
  `{ "ticket": "${ticket}", "request_id": "${'r'.repeat(129)}" }`,
  `{ "ticket": "${ticket}", "tikcet": "x" }`,
  `{ "ticket": "${ticket}", "__proto__": {} }`,
  `{ "ticket": "${ticket}", "constructor": 1 }`,
])('%s is left to the schema, which refuses it', (json) => {
  const input = JSON.parse(json);

  expect(plainInput(input)).toBeUndefined();
  expect(bySchema(input)).toBeUndefined();
});

test('of any input the same is made as by the schema', () => {
  const right = {
    ticket: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
    profile: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,31}$/),
    timeout_seconds: fc.integer({ min: 1, max: 86_400 }),
    expected_seconds: fc.integer({ min: 1, max: 86_400 }),
    on_failure: fc.constantFrom('fail', 'return'),
    request_id: fc.string({ maxLength: 128 }),
    AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: fc.jsonValue(),
  };
  const odd = fc.oneof(
    fc.constantFrom('', 0, 1, 86_400, 86_401, 1.5, 'fail', 'a'.repeat(64), 'a'.repeat(129)),
    fc.stringMatching(/^[\w-]{0,66}\n?$/),
    fc.jsonValue(),
  );
  const key = fc.constantFrom(...Object.keys(right), '__proto__', 'toString', 'tikcet');
  const anInput = fc
    .tuple(fc.record(right, { requiredKeys: [] }), fc.dictionary(key, odd, { maxKeys: 1 }))
    // `__proto__` is a key like any other here, as it is in JSON
    .map((parts) => Object.fromEntries(parts.flatMap((part) => Object.entries(part))));
  let taken = 0;

  fc.assert(
    fc.property(fc.oneof(anInput, fc.jsonValue()), (input) => {
      const plain = plainInput(input);
      if (plain) taken++;
      expect(plain).toStrictEqual(bySchema(input));
    }),
    { numRuns: 3000 },
  );

  expect(taken).toBeGreaterThan(300);
});

import { expect, test } from 'vitest';
import { jsonBody } from '../../functions/api/json-body.ts';
import { Problem } from '../../functions/api/problem.ts';
import { apiEvent } from '../test-workflow.ts';

const route = 'POST /imports';
const longest = 262_144;

/** The fault of an event, as its caller is told. */
function faultOf(event: Parameters<typeof jsonBody>[0]): Problem {
  try {
    jsonBody(event);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('It was taken');
}

test.for([
  'application/json',
  'application/json; charset=utf-8',
  'application/json ;charset=UTF-8',
  'Application/JSON',
  'application/vnd.example.v1+json',
])('takes a body of type %s', (contentType) => {
  const event = apiEvent(route, { body: '{"a":1}', headers: { 'content-type': contentType } });

  expect(jsonBody(event)).toEqual({ a: 1 });
});

test.for([
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/jsonp',
  'text/json',
  'application/json, application/json',
  'application/json5',
  'json',
])('refuses a body of type %s', (contentType) => {
  const fault = faultOf(apiEvent(route, { body: '{}', headers: { 'content-type': contentType } }));

  expect(fault.status).toBe(415);
  expect(fault.message).toBe(`The content-type must be application/json, not "${contentType}".`);
  expect(fault.headers).toEqual({ accept: 'application/json' });
});

test('refuses a body without a type', () => {
  const fault = faultOf(apiEvent(route, { body: '{}', headers: {} }));

  expect(fault.status).toBe(415);
  expect(fault.message).toBe('The content-type must be application/json, and none was sent.');
});

test('repeats no more than the beginning of a long type', () => {
  const contentType = 'x'.repeat(10_000);
  const fault = faultOf(apiEvent(route, { body: '{}', headers: { 'content-type': contentType } }));

  expect(fault.message.length).toBeLessThan(200);
});

test('reads a body that API Gateway passes on in base64', () => {
  const body = Buffer.from('{"a":"导入"}').toString('base64');

  expect(jsonBody(apiEvent(route, { body, isBase64Encoded: true }))).toEqual({ a: '导入' });
});

test.for(['{}', '[]', '"text"', '5', 'null'])('reads %s, whatever it is good for', (body) => {
  expect(jsonBody(apiEvent(route, { body }))).toEqual(JSON.parse(body));
});

test('reads past a byte order mark', () => {
  expect(jsonBody(apiEvent(route, { body: '\ufeff{"a":1}' }))).toEqual({ a: 1 });
});

const notJson: [string, Parameters<typeof apiEvent>[1]][] = [
  ['no body', {}],
  ['an empty body', { body: '' }],
  ['half a body', { body: '{"ticket":' }],
  ['a form', { body: 'ticket=1' }],
  ['single quotes', { body: "{'ticket':'a'}" }],
  [
    'invalid UTF-8',
    { body: Buffer.from('"\xff"', 'latin1').toString('base64'), isBase64Encoded: true },
  ],
];

test.for(notJson)('refuses %s as no JSON', ([, parts]) => {
  const fault = faultOf(apiEvent(route, parts));

  expect(fault.status).toBe(400);
  expect(fault.message).toMatch(/^the body is not JSON: ./);
  expect(fault.errors).toEqual([{ path: '', message: fault.message }]);
});

test('takes as much as Step Functions takes', () => {
  const body = JSON.stringify('x'.repeat(longest - 2));

  expect(jsonBody(apiEvent(route, { body }))).toHaveLength(longest - 2);
});

test.for([
  ['a byte more', `"${'x'.repeat(longest - 1)}"`],
  ['as many characters, but more bytes', `"${'导'.repeat(longest / 2)}"`],
  ['more, even if it is no JSON', 'x'.repeat(longest + 1)],
] as const)('refuses %s', ([, body]) => {
  const fault = faultOf(apiEvent(route, { body }));

  expect(fault.status).toBe(413);
  expect(fault.message).toBe(
    `The body has ${Buffer.byteLength(body)} bytes; at most ${longest} are taken.`,
  );
});

test('measures a body in base64 by its own length', () => {
  const body = Buffer.from(`"${'x'.repeat(longest - 2)}"`).toString('base64');

  expect(jsonBody(apiEvent(route, { body, isBase64Encoded: true }))).toHaveLength(longest - 2);
});

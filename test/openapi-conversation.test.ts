import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Script } from '../infra/local/feishu-simulator.ts';
import { keepLog } from './keep-log.ts';
import { odd, oddText, sample, valid } from './odd-values.ts';
import { faultsOfAnswer, operations } from './openapi-answers.ts';
import { resolved, validatorOf, written } from './openapi-document.ts';
import { awsFault, document, scripts, startApiAlone, startTestWorkflow } from './test-workflow.ts';

type Sent = {
  /** The operation that the document has the answer under. */
  route: string;
  method: string;
  path: string;
  body?: string | Buffer;
  headers?: Record<string, string>;
  expected: number[];
};

test('answers whatever it is asked as the document says', async () => {
  const { call, simulator, ended } = await startTestWorkflow();
  const met = new Set<string>();
  const wrong: object[] = [];

  const converse = (requests: Sent[]) =>
    Promise.all(
      requests.map(async (request) => {
        const { route, method, path, body, headers, expected } = request;
        const answered = await call(method, path, body, headers);
        met.add(`${route} ${answered.status}`);
        const faults = faultsOfAnswer(route, method, answered);
        if (!expected.includes(answered.status)) faults.push(`expected ${expected.join(' or ')}`);
        if (faults.length > 0) {
          wrong.push({ ...request, body: String(body).slice(0, 500), answered, faults });
        }
        return answered;
      }),
    );

  for (const [name, script] of Object.entries(behaviours)) simulator.script(name, script);
  const posts = [
    ...Object.keys(behaviours).map((ticket) => post(JSON.stringify({ ticket }))),
    ...craftedBodies.map((body) => post(body)),
    ...sample(anyPost, 100),
  ];
  const started = await converse(posts);
  for (const name of ['succeeds', 'fails', 'warns', 'refused']) await ended(`default_${name}_1`);

  const ids = started.flatMap(({ headers: { location } }) =>
    typeof location === 'string' ? [location.replace('/imports/', '')] : [],
  );
  const look = ids.map((id) => one('GET', id, [200]));
  await converse([...look, ...sample(anyList, 100), ...sample(anyStranger, 40)]);
  await converse([...posts, ...sample(anyWrongMethod, 30), ...sample(anyOtherPath, 20)]);
  await converse([...ids.map((id) => one('DELETE', id, [200, 202])), ...look]);

  expect(wrong).toEqual([]);
  expect([...met].toSorted()).toEqual(answersWithoutFaultsOfAws());
});

test.for([
  [429, awsFault('ThrottlingException')],
  [503, awsFault('InternalFailure', 500)],
] as const)('answers %i as the document says', async ([status, fault]) => {
  keepLog();
  const api = await startApiAlone({ meddle: async () => fault });

  const answers = {
    'POST /imports': await api.post({ ticket: 'a' }),
    'GET /imports': await api.list({ status: 'running' }),
    'GET /imports/{id}': await api.get('default_a_1'),
    'DELETE /imports/{id}': await api.delete('default_a_1'),
  };

  for (const [route, answered] of Object.entries(answers)) {
    expect(answered.status).toBe(status);
    expect(faultsOfAnswer(route, '', answered)).toEqual([]);
  }
});

test('serves the document on this machine', async () => {
  const { call } = await startTestWorkflow();

  const { status, headers, json } = await call('GET', '/openapi.json');

  expect(status).toBe(200);
  expect(headers['content-type']).toBe('application/json');
  expect(json).toEqual(written);
});

/** Feishu's, by the ticket that meets with it. */
const behaviours: Record<string, Script> = {
  ...scripts,
  warns: { replies: [{ result: { job_status: 0, ...document, type: 'sheet', extra: ['2000'] } }] },
  refused: { replies: [{ error: { code: 1069902 } }] },
};

/** All that the document has, but for what API Gateway or a broken AWS would answer. */
function answersWithoutFaultsOfAws(): string[] {
  return Object.entries(operations)
    .flatMap(([route, { responses }]) =>
      Object.keys(responses).map((status) => `${route} ${status}`),
    )
    .filter((answer) => !/ (401|403|429|500|503)$/.test(answer))
    .toSorted();
}

const request = written.components.schemas.ImportRequest;
const takesRequest = validatorOf(request);
const knownKey = fc.constantFrom(...Object.keys(request.properties));
const validBody = valid(request).map((body) => JSON.stringify(body));

const oddBody: fc.Arbitrary<string | Buffer> = fc.oneof(
  fc
    .tuple(valid(request), fc.oneof(knownKey, oddText), odd)
    .map(([body, key, value]) => JSON.stringify({ ...Object(body), [key]: value })),
  odd.map((value) => JSON.stringify(value)),
  oddText,
  fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
  fc.integer({ min: 1, max: 100_000 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
);

const craftedBodies = [
  '{"ticket":"a","ticket":"b"}',
  '{"ticket":"a","timeout_seconds":1e999}',
  '{"ticket":"a","timeout_seconds":1.0e2}',
  '{"ticket":"a","__proto__":{"profile":"b"}}',
  '{"ticket":{"ticket":{"ticket":"a"}}}',
  '\ufeff{"ticket":"a"}',
  '{"ticket":"a"}'.padEnd(262_144),
  '{"ticket":"a"}'.padEnd(262_145),
  `{"ticket":"a"${',"a":1'.repeat(10_000)}}`,
  JSON.stringify(Object.fromEntries(Array.from({ length: 5000 }, (_, key) => [key, key]))),
];

const jsonTypes = ['application/json', 'Application/JSON; charset=utf-8', 'application/a.b+json'];
const otherTypes = ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', '*/*'];

const anyPost = fc
  .tuple(
    fc.oneof(validBody, oddBody, oddBody),
    fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...jsonTypes) },
      fc.constantFrom(...otherTypes),
    ),
  )
  .map(([body, contentType]) => post(body, contentType));

function post(body: string | Buffer, contentType = 'application/json'): Sent {
  const bytes = Buffer.from(body);
  return {
    route: 'POST /imports',
    method: 'POST',
    path: '/imports',
    body: bytes,
    headers: { 'content-type': contentType },
    expected: jsonTypes.includes(contentType) ? expectedOf(bytes) : [415],
  };
}

function expectedOf(body: Buffer): number[] {
  if (body.length > 262_144) return [413];
  try {
    const json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return takesRequest(json) ? [200, 202] : [400];
  } catch {
    return [400];
  }
}

const parameters = (operations['GET /imports']?.parameters ?? []).map(resolved);
const parameter = fc
  .constantFrom(...parameters)
  .chain(({ name, schema }) =>
    fc.tuple(fc.constant(name), fc.oneof(valid(schema), oddText).map(String)),
  );
const knownTickets = Object.keys(behaviours).map((ticket) => ['ticket', ticket] as const);

const anyList = fc
  .oneof(
    fc.array(parameter, { maxLength: 3 }),
    fc.array(fc.oneof(parameter, fc.tuple(oddText, oddText)), { maxLength: 3 }),
    fc.array(fc.constantFrom(...knownTickets), { minLength: 1, maxLength: 2 }),
  )
  .map((pairs): Sent => {
    const query = pairs.map(([name, value]): [string, string] => [
      name.toWellFormed(),
      value.toWellFormed(),
    ]);
    return {
      route: 'GET /imports',
      method: 'GET',
      path: `/imports?${new URLSearchParams(query)}`,
      expected: expectedOfList(query),
    };
  });

function expectedOfList(pairs: [name: string, value: string][]): number[] {
  const query = Object.fromEntries(pairs);
  const names = Object.keys(query);
  const known = 'ticket' in query ? ['ticket', 'profile'] : ['status', 'cursor'];
  const isList =
    names.length === pairs.length &&
    ('ticket' in query || 'status' in query) &&
    names.every((name) => known.includes(name)) &&
    parameters.every(({ name, schema }) => !(name in query) || validatorOf(schema)(query[name]));
  if (!isList) return [400];
  // no list has given this cursor
  return 'cursor' in query ? [400] : [200];
}

const one = (method: string, id: string, expected: number[]): Sent => ({
  route: `${method} /imports/{id}`,
  method,
  path: `/imports/${id}`,
  expected,
});

/** Imports that there are not. */
const anyStranger = fc
  .tuple(
    fc.constantFrom('GET', 'DELETE'),
    fc.oneof(
      oddText.map((id) => encodeURIComponent(id.toWellFormed())),
      fc.constantFrom('%', '%zz', '%c0%80', '%00', '%2e', '%2F', 'a'.repeat(81), 'default_a_0'),
    ),
  )
  .map(([method, id]) => one(method, id, [404]));

const anyWrongMethod = fc
  .tuple(
    fc.constantFrom(
      ['GET /imports', '/imports', 'DELETE'],
      ['POST /imports', '/imports', 'DELETE'],
      ['GET /imports/{id}', '/imports/default_succeeds_1', 'POST'],
      ['DELETE /imports/{id}', '/imports/default_succeeds_1', 'POST'],
    ),
    fc.constantFrom('', 'PUT', 'PATCH', 'OPTIONS', 'HEAD', 'QUERY'),
  )
  .map(([[route = '', path = '', other = ''], method]): Sent => {
    return { route, path, method: method || other, expected: [405] };
  });

/** The document has a 404 for these among the answers to those paths that it knows. */
const anyOtherPath = fc
  .oneof(
    fc.constantFrom('/', '/Imports', '/imports/', '//imports', '/imports/a/b', '/openapi.yaml'),
    oddText.map((text) => `/other/${encodeURIComponent(text.toWellFormed())}`),
  )
  .map((path): Sent => ({ route: 'GET /imports/{id}', method: 'GET', path, expected: [404] }));

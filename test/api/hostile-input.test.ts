import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keepLog } from '../keep-log.ts';
import { odd, oddText, sample, valid } from '../odd-values.ts';
import { faultsOfAnswer, operations } from '../openapi-answers.ts';
import { faultsOf, resolved, written } from '../openapi-document.ts';
import { exchange, type RawAnswer } from '../raw-exchange.ts';
import { startTestWorkflow } from '../test-workflow.ts';

// The API as whoever means harm meets it: raw bytes over a socket, from the document and then bent.
// Whatever comes in, each answer is one that the document has, and none tells of what is inside.

test('answers requests that are bent out of the document as the document says', async () => {
  const log = keepLog();
  const { url } = await startTestWorkflow();

  const wrong = await wrongAnswers(url, sample(anyRequest, 200));

  expect(wrong).toEqual([]);
  expect(log).toEqual([]);
});

test('answers bytes that were a request as the document says, or hangs up', async () => {
  const log = keepLog();
  const { url } = await startTestWorkflow();

  const wrong = await wrongAnswers(url, sample(anyDamaged, 300), 500);

  expect(wrong).toEqual([]);
  expect(log).toEqual([]);
});

test('tells of any execution as the document says, whatever it was started with', async () => {
  const log = keepLog();
  const { start, call } = await startTestWorkflow();
  const inputs = [...craftedInputs, ...sample(oddInput, 60)];
  await Promise.all(inputs.map((input, number) => start(`odd-${number}`, input)));

  const answers = await Promise.all(
    inputs.map((_, number) => call('GET', `/imports/odd-${number}`)),
  );

  for (const [number, answered] of answers.entries()) {
    expect(answered.status, inputs[number]).toBe(200);
    expect(faultsOfAnswer('GET /imports/{id}', 'GET', answered), inputs[number]).toEqual([]);
  }
  expect(log).toEqual([]);
});

const json = '{"ticket":"smuggled"}';
const host = 'host: localhost\r\n';
const type = 'content-type: application/json\r\n';
const close = 'connection: close\r\n';
/** What a front that reads the first request otherwise than we do would take for the next one. */
const hidden = `POST /imports HTTP/1.1\r\n${host}${type}content-length: ${json.length}\r\n\r\n${json}`;
const post = (headers: string, body: string) =>
  `POST /imports HTTP/1.1\r\n${host}${type}${headers}\r\n${body}`;
const get = (target: string, headers = '') =>
  `GET ${target} HTTP/1.1\r\n${host}${headers}${close}\r\n`;
const listing = '/imports?status=running';

const shapes: [name: string, bytes: string | Buffer, ...statuses: number[]][] = [
  [
    'both lengths',
    post(`content-length: 5\r\ntransfer-encoding: chunked\r\n`, `0\r\n\r\n${hidden}`),
    400,
  ],
  ['two lengths', post(`content-length: ${hidden.length}\r\ncontent-length: 0\r\n`, hidden), 400],
  ['a list of lengths', post(`content-length: 0, 0\r\n`, hidden), 400],
  ['a length with a sign', post(`content-length: +0\r\n`, hidden), 400],
  ['a negative length', post(`content-length: -1\r\n`, hidden), 400],
  ['a length in hexadecimal', post(`content-length: 0x0\r\n`, hidden), 400],
  ['a length beyond numbers', post(`content-length: ${'9'.repeat(30)}\r\n`, hidden), 400],
  ['a space before the colon', post(`content-length : 0\r\n`, hidden), 400],
  ['a folded header', post(`transfer-encoding:\r\n chunked\r\n`, `0\r\n\r\n${hidden}`), 400],
  ['an unknown coding', post(`transfer-encoding: xchunked\r\n`, `0\r\n\r\n${hidden}`), 400],
  [
    'a coding after chunked',
    post(`transfer-encoding: chunked, identity\r\n`, `0\r\n\r\n${hidden}`),
    400,
  ],
  [
    'a coding before chunked',
    post(`transfer-encoding: gzip, chunked\r\n${close}`, `15\r\n${json}\r\n0\r\n\r\n`),
    400,
  ],
  [
    'a coding in HTTP/1.0',
    `POST /imports HTTP/1.0\r\n${host}${type}transfer-encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    400,
  ],
  ['a chunk without a size', post(`transfer-encoding: chunked\r\n`, `\r\n${hidden}`), 400],
  ['a chunk with a bad size', post(`transfer-encoding: chunked\r\n`, `zz\r\n${hidden}`), 400],
  [
    'a chunk beyond numbers',
    post(`transfer-encoding: chunked\r\n`, `${'f'.repeat(17)}\r\n${hidden}`),
    400,
  ],
  [
    'a chunk that is longer than it says',
    post(`transfer-encoding: chunked\r\n`, `1\r\nabc\r\n0\r\n\r\n`),
    400,
  ],
  ['chunks that end in LF', post(`transfer-encoding: chunked\r\n`, `0\n\n${hidden}`), 400],
  [
    'an endless chunk extension',
    post(`transfer-encoding: chunked\r\n`, `1;${'x'.repeat(20_000)}\r\n`),
    413,
  ],
  [
    'a trailer that is a content type',
    post(
      `transfer-encoding: chunked\r\n${close}`,
      `2\r\n{}\r\n0\r\ncontent-type: text/plain\r\n\r\n`,
    ),
    400,
  ],
  [
    'a body to a GET',
    `GET ${listing} HTTP/1.1\r\n${host}content-length: 2\r\n\r\n{}${get(listing)}`,
    200,
    200,
  ],
  ['requests in a row', `GET /imports HTTP/1.1\r\n${host}\r\n${get(listing)}`, 400, 200],
  ['lines that end in LF', get(listing).replaceAll('\r\n', '\n'), 400],
  ['a NUL in the path', get('/imports/\0'), 400],
  ['a space in the path', get('/imports/a b'), 400],
  ['bytes in the path', Buffer.from(get('/imports/\u00ff\u00fe'), 'latin1'), 400],
  ['a NUL, escaped', get('/imports/%00'), 404],
  ['a line break, escaped', get('/imports/a%0d%0aset-cookie:x'), 404],
  ['an escape that is no UTF-8', get('/imports/%ff%fe'), 404],
  ['an overlong escape', get('/imports/%c0%ae%c0%ae'), 404],
  ['half an escape', get('/imports/%'), 404],
  ['an escape that is no number', get('/imports?ticket=%zz'), 400],
  ['a cursor that no list gave', get(`${listing}&cursor=1.x`), 400],
  ['half a pair, escaped', get('/imports?ticket=%ed%a0%80'), 400],
  ['an id that is too long', get(`/imports/${'a'.repeat(15_000)}`), 404],
  ['a path that is too long', get(`/imports/${'a'.repeat(20_000)}`), 431],
  ['two dots', get(`/imports/../imports?status=running`), 404],
  ['two dots, escaped', get('/imports/%2e%2e'), 404],
  ['two dots and a slash, escaped', get('/imports/%2e%2e%2fimports'), 404],
  ['two slashes', get(`/${listing}`), 404],
  ['two slashes and a host', get(`//example.com${listing}`), 404],
  ['a backslash', get('/\\imports'), 404],
  ['a semicolon', get('/imports;a=b?status=running'), 404],
  ['a fragment', get(`${listing}#a`), 400],
  ['a whole URL', get(`http://localhost${listing}`), 400],
  ['a URL of somebody else', get(`http://example.com${listing}`), 400],
  ['a URL with a password', get(`http://a:b@localhost${listing}`), 400],
  ['an at sign', get(`@localhost${listing}`), 400],
  ['an asterisk', `OPTIONS * HTTP/1.1\r\n${host}${close}\r\n`, 400],
  ['a tunnel', `CONNECT localhost:80 HTTP/1.1\r\n${host}\r\n${hidden}`, 400],
  ['no host', `GET ${listing} HTTP/1.1\r\n${close}\r\n`, 400],
  ['two hosts', get(listing, 'host: 127.0.0.1\r\n'), 400],
  ['a host of somebody else', `GET ${listing} HTTP/1.1\r\nhost: example.com\r\n${close}\r\n`, 403],
  ['a NUL in a header', get(listing, 'a: b\0c\r\n'), 400],
  ['a CR in a header', get(listing, 'a: b\rc: d\r\n'), 400],
  ['a header without a name', get(listing, ': a\r\n'), 400],
  ['a header too long', get(listing, `a: ${'b'.repeat(20_000)}\r\n`), 431],
  ['headers too many', get(listing, 'a: b\r\n'.repeat(3000)), 431],
  ['a header of the prototype', get(listing, '__proto__: a\r\nconstructor: b\r\n'), 200],
  ['a parameter of the prototype', get('/imports?status=running&__proto__=a'), 400],
  ['two content types', post(`${type}content-length: ${json.length}\r\n${close}`, json), 415],
  ['an expectation', post(`expect: wonders\r\ncontent-length: ${hidden.length}\r\n`, hidden), 417],
  ['an upgrade', get(listing, 'upgrade: websocket\r\n'), 200],
  ['HTTP/0.9', 'GET /imports\r\n\r\n', 400],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['HTTP/3.7', get(listing).replace('1.1', '3.7'), 400],
  ['a method in small letters', get(listing).replace('GET', 'get'), 400],
  ['a method that nobody knows', get(listing).replace('GET', 'GETS'), 400],
  ['TLS', Buffer.from('16030102000100fc0303', 'hex'), 400],
];

test('reads no request out of another, and refuses what is no path or no HTTP', async () => {
  const log = keepLog();
  const { url, call } = await startTestWorkflow();

  const answered = await Promise.all(
    shapes.map(async ([name, bytes]) => {
      const answers = await exchange(url, bytes);
      return [
        name,
        ...answers.map(({ status }) => status),
        ...answers.flatMap((answer) => faultsOfRaw(answer)),
      ];
    }),
  );

  expect(answered).toEqual(shapes.map(([name, , ...statuses]) => [name, ...statuses]));
  expect((await call('GET', '/imports?ticket=smuggled')).json).toEqual({ imports: [] });
  expect(log).toEqual([]);
});

test('refuses a body that is cut short', async () => {
  const { url } = await startTestWorkflow();

  const answers = await exchange(url, post('content-length: 100\r\n', json), { endAfterMs: 50 });

  expect(answers.map(({ status }) => status)).toEqual([400]);
  expect(answers.flatMap((answer) => faultsOfRaw(answer))).toEqual([]);
});

type Request = { method: string; target: string; headers: [string, string][]; body: Buffer };

/** What is wrong with the answers to requests that are sent side by side, as many as a queue takes. */
async function wrongAnswers(
  url: string,
  requests: (Request | Buffer)[],
  endAfterMs?: number,
): Promise<object[]> {
  const wrong: object[] = [];
  const left = requests.values();
  async function sendThem() {
    for (const request of left) {
      const bytes = Buffer.isBuffer(request) ? request : bytesOf(request);
      const isHead = bytes.subarray(0, 5).toString() === 'HEAD ';
      const faults: string[] = [];
      try {
        const answers = await exchange(url, bytes, { isHead, ...(endAfterMs && { endAfterMs }) });
        faults.push(...answers.flatMap((answer) => faultsOfRaw(answer, isHead)));
        if (bytes !== request && answers.length !== 1) faults.push('is not answered once');
      } catch (error) {
        faults.push(String(error));
      }
      if (faults.length > 0) wrong.push({ request: bytes.toString('latin1', 0, 2000), faults });
    }
  }
  await Promise.all(Array.from({ length: 200 }, sendThem));
  return wrong;
}

/** What API Gateway says itself, which the document knows by its shape alone. */
const ofGateway = [400, 403, 408, 413, 417, 431];

/** Where nobody can tell any more which operation was meant, an answer of any will do. */
function faultsOfRaw({ status, headers, body }: RawAnswer, isHead = false): string[] {
  const faults: string[] = [];
  if (status >= 500) faults.push(`is a ${status}`);
  if (/node:|node_modules|\.[cm]?[jt]s:\d|\/functions\/|\/infra\//.test(body)) {
    faults.push('tells of what is inside');
  }
  if (isHead) return faults;
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return [...faults, 'is not JSON'];
  }
  const judged = Object.keys(operations).map((route) =>
    faultsOfAnswer(route, '', { status, headers, json }),
  );
  if (ofGateway.includes(status) && headers['content-type'] === 'application/json') {
    judged.push(faultsOf(written.components.schemas.GatewayFault, json));
  }
  return judged.some((found) => found.length === 0) ? faults : [...faults, ...judged.flat()];
}

function bytesOf({ method, target, headers, body }: Request): Buffer {
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'host: localhost',
    'connection: close',
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(body.length > 0 ? [`content-length: ${body.length}`] : []),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}

const importSchema = written.components.schemas.ImportRequest;
const field = fc.constantFrom(...Object.keys(importSchema.properties));

/** A value of JSON that is very deep, very long, or beyond what a number holds. */
const monster = fc.oneof(
  fc.integer({ min: 1, max: 100_000 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
  fc
    .integer({ min: 1, max: 30_000 })
    .map((depth) => `${'{"a":'.repeat(depth)}0${'}'.repeat(depth)}`),
  fc.integer({ min: 1, max: 20_000 }).map((digits) => '9'.repeat(digits)),
  fc.integer({ min: -99_999, max: 99_999 }).map((exponent) => `1e${exponent}`),
  fc.constantFrom('"\\u0000"', '"\\ud800"', '"\u202e"', '-0', '1E400', '0.1e-999', '"\\u0061"'),
);

const anyBody = fc.oneof(
  valid(importSchema).map((body) => JSON.stringify(body)),
  fc
    .tuple(valid(importSchema), fc.oneof(field, oddText), fc.oneof(odd.map(textOf), monster))
    .map(([body, key, value]) =>
      JSON.stringify(body).replace(/}$/, () => `,${textOf(key)}:${value}}`),
    ),
  monster,
  oddText,
);

function textOf(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}

/** Any bytes that a header may hold, those of other alphabets among them. */
const headerText = fc
  .array(fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0x80, max: 0xff })), {
    maxLength: 60,
  })
  .map((codes) => String.fromCharCode(...codes));

const contentType = fc.oneof(
  { weight: 8, arbitrary: fc.constant('application/json') },
  headerText,
  fc.constantFrom('application/json; charset=utf-16', 'application/json;', ';', 'text/plain'),
);

const anyHeader: fc.Arbitrary<[string, string]> = fc.tuple(
  fc.constantFrom(
    ...['accept', 'authorization', 'cookie', 'origin', 'range', 'if-none-match', 'te', 'x-a'],
    ...['x-http-method-override', 'x-forwarded-host', 'x-amzn-trace-id', 'content-encoding'],
    ...['__proto__', 'content-type', 'via', 'forwarded', 'max-forwards', 'x-original-url'],
  ),
  headerText,
);

const escaped = fc
  .uint8Array({ maxLength: 30 })
  .map((bytes) =>
    bytes.reduce((text, byte) => `${text}%${byte.toString(16).padStart(2, '0')}`, ''),
  );
const escapedText = oddText.map((text) => encodeURIComponent(text.toWellFormed()));
const segment = fc.oneof(
  escaped,
  escapedText,
  fc.constantFrom('default_a_1', '.', '..', ';', '*', '~', '%2f', '%5c'),
);

const parameters = (operations['GET /imports']?.parameters ?? []).map(resolved);
const pair = fc
  .tuple(
    fc.oneof(fc.constantFrom(...parameters.map(({ name }) => name)), segment),
    fc.oneof(
      segment,
      fc.constantFrom('running', 'failed', 'smuggled', 'default', '0.x', 'nan.', '-1.x', '1e9'),
    ),
  )
  .map(([name, value]) => `${name}=${value}`);
const query = fc.array(pair, { maxLength: 4 }).map((pairs) => `?${pairs.join('&')}`);

const anyTarget = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(...Object.keys(written.paths)),
      fc.array(segment, { maxLength: 3 }).map((segments) => `/${segments.join('/')}`),
    ),
    segment,
    fc.oneof(fc.constant(''), query),
  )
  .map(([path, id, search]) => path.replace('{id}', () => id) + search);

const method = fc.oneof(
  fc.constantFrom('GET', 'POST', 'DELETE'),
  fc.constantFrom('HEAD', 'PUT', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'M-SEARCH'),
);

const anyRequest: fc.Arbitrary<Request> = fc.oneof(
  fc.record({
    method,
    target: anyTarget,
    headers: fc.array(anyHeader, { maxLength: 5 }),
    body: fc.oneof(fc.constant(''), oddText).map((text) => Buffer.from(text)),
  }),
  fc.record({
    method: fc.constant('POST'),
    target: fc.constant('/imports'),
    headers: fc
      .tuple(contentType, fc.array(anyHeader, { maxLength: 3 }))
      .map(([type, more]): [string, string][] => [['content-type', type], ...more]),
    body: anyBody.map((text) => Buffer.from(text)),
  }),
);

/** A request with bytes struck out, put in, written over or said twice. */
const anyDamaged = fc
  .tuple(
    anyRequest.filter(({ method, body }) => method !== 'HEAD' && body.length < 1000).map(bytesOf),
    fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        struck: fc.nat(3),
        put: fc.oneof(
          fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
          fc
            .constantFrom(
              '\r\n',
              '\n',
              '\0',
              ' ',
              ':',
              ',',
              '%',
              '\r\n\r\n',
              'transfer-encoding: chunked\r\n',
            )
            .map((text) => Buffer.from(text)),
        ),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([request, damages]) =>
    damages.reduce((bytes, { at, struck, put }) => {
      const from = Math.floor(at * bytes.length);
      return Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(from + struck)]);
    }, request),
  );

const craftedInputs = [
  'null',
  '0',
  '1e999',
  '"text"',
  '[]',
  '{}',
  '{"ticket":null}',
  '{"ticket":"a","profile":"\\u0000"}',
  '{"__proto__":{"ticket":"a"}}',
  '{"ticket":"a","AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID":'.padEnd(20_000, '[') +
    ']'.repeat(19_941) +
    '}',
  `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
];

const oddInput = fc.oneof(
  odd.map(textOf),
  fc
    .tuple(valid(importSchema), fc.oneof(field, oddText), odd)
    .map(([body, key, value]) => textOf({ ...Object(body), [key]: value })),
);

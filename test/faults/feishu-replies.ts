import type { Reply, TokenReply } from '../../infra/local/feishu-simulator.ts';
import documented from '../reference/import-codes.json' with { type: 'json' };
import { refusals } from './feishu-codes.ts';
import type { Random } from './random.ts';

// What Feishu and the network may do to one request. What it means is the model's business.

const megabytes = (json: string) => json.replace(/}$/, `,"padding":"${'x'.repeat(10_000_000)}"}`);
const doneJson = (ticket: string) =>
  `{"code":0,"msg":"success","data":{"result":{"ticket":"${ticket}","type":"docx","job_status":0,"token":"raw-token","url":"https://example.feishu.cn/docx/raw"}}}`;
const hugeBodies = new Map([
  [200, megabytes('{"code":0,"data":{"result":{"job_status":0,"token":"never read"}}}')],
  [403, megabytes('{"code":1069902}')],
]);

/** Without https://: nobody should need it. */
const oddTokens = ['', '   ', null, 5, ['token'], { token: 'x' }, false];
const oddStatuses = ['0', '2', null, 0.5, true, [0], { value: 0 }, 'success'];
const unknownStatuses = [-1, 4, 107, 9999, 2 ** 31, 1e21];
const extras = [
  [],
  ['2000'],
  ['2000', '2000', '1005'],
  ['2000', 'toString', '__proto__'],
  ['', null],
  '1000',
  2000,
  null,
  { a: 1 },
  {},
  Array.from({ length: 30 }, (_, place) => `${place + 1}`),
];
const errorMessages = [
  'success',
  '',
  'code: 232140101, another operation is running',
  '[232140100]',
  '1232140101',
  '233523001',
  null,
  5,
];
const resets = [
  1,
  0,
  5,
  '2.5',
  59.25,
  '120',
  -5,
  '-1',
  'soon',
  '',
  '1e9',
  '999999999',
  '99999999999999',
  null,
  'NaN',
  '0x10',
  3599,
  3601,
  '  7  ',
];
const retryAfters = ['3', '0', '-2', 'Wed, 21 Oct 2015 07:28:00 GMT', 'tomorrow', '1.5'];

const documentedStatuses = documented.job_status.map(({ code }) => code);
const failingStatuses = documented.job_status.flatMap(({ code, error }) => (error ? [code] : []));

export function document({ oneOf, chance, whole }: Random): Reply {
  return {
    ...(chance(0.1) && { delayMs: whole(1, 40) }),
    result: {
      job_status: 0,
      type: oneOf(['docx', 'sheet', 'bitable']),
      token: `token-${whole(0, 99_999)}`,
      ...(chance(0.9) && { url: `https://example.feishu.cn/docx/${whole(0, 99_999)}` }),
      ...(chance(0.5) && { extra: oneOf(extras) }),
      ...(chance(0.2) && { job_error_msg: oneOf(errorMessages) }),
    },
  };
}

export function failedImport({ oneOf, chance }: Random): Reply {
  return {
    result: {
      job_status: chance(0.8) ? oneOf(failingStatuses) : oneOf(unknownStatuses),
      ...(chance(0.5) && { job_error_msg: oneOf(errorMessages) }),
      // a document that came with a failure is no document
      ...(chance(0.2) && { token: 'token-of-a-failure' }),
    },
  };
}

export const stillRunning = ({ oneOf }: Random): Reply => ({
  result: { job_status: oneOf([1, 2]) },
});

export function oddResult({ oneOf, weighted }: Random): Reply {
  return weighted<Reply>([
    [2, () => ({ result: null })],
    [2, () => ({ result: { job_status: 0, token: oneOf(oddTokens) } })],
    [2, () => ({ result: { job_status: oneOf(oddStatuses), token: 'token-without-status' } })],
    [1, () => ({ result: { token: 'token-alone' } })],
    [1, () => ({ result: { ticket: oneOf(['1', 'another']), job_status: 0, token: 'not-ours' } })],
    [1, () => ({ result: { ticket: null, job_status: oneOf(documentedStatuses) } })],
    [1, () => json('{"code":0,"data":{"result":[]}}')],
    [1, () => json('{"code":0,"data":null}')],
    [1, () => json('{"code":0}')],
    [1, () => json('{"code":0,"data":{"__proto__":{"result":{"job_status":0,"token":"x"}}}}')],
    [1, () => json('{"code":0,"data":{"result":{"job_status":0,"__proto__":{"token":"x"}}}}')],
    [1, () => json('{"code":0,"data":{"result":{"job_status":0,"token":"x","token":""}}}')],
    [1, () => json('{"code":0,"data":{"result":{"job_status":1e400,"token":"x"}}}')],
    [1, () => json('{"code":0,"data":{"result":{"job_status":-0,"token":"minus-zero"}}}')],
    [1, () => json('{"code":0,"data":{"result":{"job_status":3,"job_status":2}}}')],
  ]);
}

const json = (body: string, http = 200): Reply => ({ raw: { http, body } });

/** No code that anybody could read. */
export function unreadable(random: Random, ticket: string): Reply {
  const { oneOf, weighted } = random;
  const http = oneOf([200, 200, 200, 204, 302, 400, 401, 403, 404, 418, 429, 500, 502, 503, 504]);
  return weighted<Reply>([
    [2, () => html(http)],
    [1, () => json('', http)],
    [1, () => json('null', http)],
    [1, () => json('[]', http)],
    [1, () => json('"success"', http)],
    [1, () => json('{}', http)],
    [1, () => json('{"code":"0","data":{"result":{"job_status":0,"token":"x"}}}', http)],
    [1, () => json('{"code":null}', http)],
    [1, () => json('{"code":0.5}', http)],
    [1, () => json('{"code":1e300}', http)],
    [1, () => json('{"__proto__":{"code":0,"data":{"result":{"job_status":3}}}}', http)],
    [1, () => json('\ufeff{"code":0', http)],
    [1, () => json(`${'['.repeat(5000)}${']'.repeat(5000)}`, http)],
    [1, () => json(doneJson(ticket).slice(0, 80), http)],
    // cut by the length that its headers tell
    [
      1,
      () => ({ raw: { http: 200, body: doneJson(ticket), headers: { 'content-length': '40' } } }),
    ],
    [0.2, () => hugeBody(random)],
  ]);
}

const html = (http: number): Reply => ({
  raw: { http, body: '<html><body>Bad Gateway</body></html>', contentType: 'text/html' },
});

function hugeBody({ oneOf }: Random): Reply {
  const [http, body] = oneOf([...hugeBodies]);
  return { raw: { http, body } };
}

/** Readable, but in a strange way. */
export function oddlySent({ oneOf }: Random, ticket: string): Reply {
  const body = doneJson(ticket);
  return oneOf<Reply>([
    { raw: { http: 200, body, dripMs: 5 } },
    { raw: { http: 500, body } },
    { raw: { http: 200, body, contentType: 'text/html' } },
    {
      raw: { http: 200, body: `${body}\r\n\r\n`, headers: { 'content-length': `${body.length}` } },
    },
    { raw: { http: 200, body: body.replace('{', '{"code":99991663,') } },
    { raw: { http: 200, body: body.replace('}}}', '}},"code":1069902}') } },
  ]);
}

export function brokenConnection({ weighted }: Random): Reply {
  return weighted<Reply>([
    [4, () => ({ fault: 'drop' })],
    [2, () => ({ fault: 'dropMidHeaders' })],
    [2, () => ({ fault: 'dropAfterHeaders' })],
    [2, () => ({ fault: 'dropMidBody' })],
    [2, () => ({ fault: 'endMidBody' })],
    [1, () => ({ fault: 'gzipBomb' })],
    [0.2, () => ({ fault: 'endlessBody' })],
  ]);
}

/** Costs a whole FEISHU_TIMEOUT_MS. */
export function slow({ oneOf }: Random): Reply {
  const body = '{"code":0}';
  return oneOf<Reply>([
    { fault: 'silence' },
    { fault: 'slowBody' },
    { delayMs: 10_000, result: { job_status: 0, token: 'too-late' } },
    { raw: { http: 200, body, headers: { 'content-length': '4711' } } },
    { raw: { http: 200, body: body.repeat(20), dripMs: 1000 } },
  ]);
}

export function rateLimit(random: Random): Reply {
  const { oneOf, chance, weighted } = random;
  const resetSeconds = oneOf(resets);
  return weighted<Reply>([
    [
      6,
      () => ({
        rateLimit: {
          http: oneOf([429, 400]),
          resetSeconds,
          ...(chance(0.3) && { retryAfter: oneOf(retryAfters) }),
        },
      }),
    ],
    [1, () => ({ rateLimit: { code: 1069923, resetSeconds } })],
    [1, () => ({ rateLimit: { code: 77_777_777, resetSeconds } })],
    [1, () => ({ rateLimit: { code: 2200, resetSeconds } })],
    [1, () => ({ rateLimit: { code: 9499, http: 400, msg: 'too many requests', resetSeconds } })],
    [1, () => ({ error: { code: 9499, http: 200, msg: '请求过于频繁' } })],
    [1, () => html(429)],
  ]);
}

/** A code that the documentation tells of, or one that it does not. */
export function refusedBy(random: Random, kind: keyof typeof refusals): Reply {
  const { code, http } = random.oneOf(refusals[kind]);
  return { error: { code, http: http ?? random.oneOf([200, 400, 403]) } };
}

export function unknownCode({ oneOf, whole }: Random): Reply {
  const http = oneOf([200, 400, 403, 404, 500, 503]);
  return { error: { code: oneOf([1, -1, 7, whole(80_000_000, 90_000_000)]), http } };
}

/** What the token endpoint may say instead of a token. */
export function tokenTrouble(random: Random, secret: string): TokenReply {
  const { oneOf, weighted } = random;
  return weighted<TokenReply>([
    [3, () => brokenConnection(random) as TokenReply],
    [2, () => rateLimit(random) as TokenReply],
    [2, () => refusedBy(random, 'transient') as TokenReply],
    [1, () => refusedBy(random, 'credentials') as TokenReply],
    [1, () => refusedBy(random, 'token') as TokenReply],
    [0.5, () => unknownCode(random) as TokenReply],
    [0.5, () => ({ error: { code: 10014, http: 200, msg: `no such secret ${secret}` } })],
    [1, () => html(oneOf([200, 403, 502])) as TokenReply],
    [1, () => json('{"code":0,"expire":7200}') as TokenReply],
    [1, () => json('{"code":0,"tenant_access_token":"","expire":7200}') as TokenReply],
    [1, () => json('{"code":0,"tenant_access_token":5}', oneOf([200, 500])) as TokenReply],
    [1, () => json('{"code":0,"tenant_access_token":"t-cut') as TokenReply],
    [3, () => ({ issue: true, delayMs: 20 })],
  ]);
}

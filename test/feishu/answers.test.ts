import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  readImportAnswer,
  readTokenAnswer,
  readUserTokenAnswer,
} from '../../functions/feishu/answers.ts';
import type { HttpAnswer } from '../../functions/feishu/http.ts';
import { resultAnswer } from '../answers.ts';

const nowMs = Date.parse('2026-10-01T08:00:00Z');
const context = { keep: (text: string) => text, nowMs };

const finished = {
  ticket: '7369583175086912356',
  type: 'sheet',
  job_status: 0,
  job_error_msg: 'success',
  token: 'Fm7osyjtMh5o7Ktrv32c73abcef',
  url: 'https://example.feishu.cn/sheets/Fm7osyjtMh5o7Ktrv32c73abcef',
  extra: ['2000'],
};

function answerOf(body: unknown, options: Partial<HttpAnswer> = {}): HttpAnswer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { kind: 'http', httpStatus: 200, headers: {}, body: text, ...options };
}

const readImport = (body: unknown, options?: Partial<HttpAnswer>) =>
  readImportAnswer(answerOf(body, options), context);

const readToken = (body: unknown, options?: Partial<HttpAnswer>) =>
  readTokenAnswer(answerOf(body, options), 'tenant_access_token', context);

const readResult = (result: unknown) => readImport({ code: 0, msg: 'success', data: { result } });

const nothingKnown = resultAnswer();

test('reads a finished import as it is documented', () => {
  expect(readResult(finished)).toEqual({
    kind: 'result',
    ticket: '7369583175086912356',
    jobStatus: 0,
    jobErrorMsg: 'success',
    type: 'sheet',
    token: 'Fm7osyjtMh5o7Ktrv32c73abcef',
    url: 'https://example.feishu.cn/sheets/Fm7osyjtMh5o7Ktrv32c73abcef',
    extra: ['2000'],
    httpStatus: 200,
    logId: undefined,
  });
});

test.for([
  ['without data', { code: 0 }],
  ['without a result', { code: 0, data: {} }],
  ['with data null', { code: 0, data: null }],
  ['with data that is a list', { code: 0, data: [{ result: finished }] }],
  ['with data that is a text', { code: 0, data: 'success' }],
  ['with result null', { code: 0, data: { result: null } }],
  ['with a result that is a list', { code: 0, data: { result: [finished] } }],
  ['with a result that is a number', { code: 0, data: { result: 0 } }],
  ['with an empty result', { code: 0, data: { result: {} } }],
  ['with a result beside the data', { code: 0, result: finished }],
] as const)('knows nothing of an import from an answer %s', ([, body]) => {
  expect(readImport(body)).toEqual(nothingKnown);
});

const textFields = [
  ['ticket', 'ticket'],
  ['type', 'type'],
  ['job_error_msg', 'jobErrorMsg'],
  ['token', 'token'],
  ['url', 'url'],
] as const;
const notTexts = [null, 0, 7369583175086912, true, [], ['x'], {}, { text: 'x' }, '', ' \n'];

test.for(
  textFields.flatMap(([field, key]) => notTexts.map((value) => [field, value, key] as const)),
)('takes %s %j for missing', ([field, value, key]) => {
  const { [key]: _, ...others } = finished as Record<string, unknown>;

  expect(readResult({ ...finished, [field]: value })).toEqual({
    ...(readResult({ ...others, [field]: undefined }) as object),
    [key]: undefined,
  });
});

test.for([
  ['"0"', undefined],
  ['null', undefined],
  ['true', undefined],
  ['false', undefined],
  ['[0]', undefined],
  ['{}', undefined],
  ['""', undefined],
  ['1.5', undefined],
  ['1e400', undefined],
  ['0', 0],
  ['0.0', 0],
  ['-1', -1],
  ['2e0', 2],
  ['7002', 7002],
  ['7369583175086912356', Number('7369583175086912356')],
] as const)('reads job_status %s as %s', ([json, jobStatus]) => {
  const answer = readImport(`{"code":0,"data":{"result":{"job_status":${json}}}}`);

  expect(answer).toEqual({ ...nothingKnown, jobStatus });
});

test.for([
  [undefined, []],
  [null, []],
  [[], []],
  [
    ['2000', '2001'],
    ['2000', '2001'],
  ],
  [
    ['2000', 2001, null, '', 1005],
    ['2000', '2001', '1005'],
  ],
  [[' 2000 '], ['2000']],
  ['2000', ['2000']],
  [2000, ['2000']],
  ['', []],
  [['something new'], ['something new']],
  [
    ['2000', { code: 2001 }, ['2002'], true],
    ['2000', 'unreadable', 'true'],
  ],
  [{ code: 2000 }, ['unreadable']],
  [{}, []],
  [[{}, []], []],
] as const)('reads extra %j as %j', ([extra, codes]) => {
  expect(readResult({ ...finished, extra })).toMatchObject({ extra: codes });
});

test('counts a code once, so that repetition hides no other', () => {
  const extra = [...Array(25).fill('2000'), '2004'];

  expect(readResult({ ...finished, extra })).toMatchObject({ extra: ['2000', '2004'] });
});

test('keeps 20 codes of an endless extra, and says how many are left out', () => {
  const extra = Array.from({ length: 100_000 }, (_, index) => String(index));

  expect(readResult({ ...finished, extra })).toMatchObject({
    extra: [...extra.slice(0, 20), 'and 99980 more'],
  });
});

test.for(['type', 'token', 'url'] as const)(
  'takes a %s too long to be one for missing',
  (field) => {
    expect(readResult({ ...finished, [field]: 'x'.repeat(500) })).toMatchObject({
      [field]: 'x'.repeat(500),
    });
    expect(readResult({ ...finished, [field]: 'x'.repeat(501) })).toMatchObject({
      [field]: undefined,
    });
  },
);

test('keeps nothing of a result that it was not told how to keep', () => {
  const result = { ...finished, extra: ['2000', 'new'] };
  const keep = (text: string) => `kept ${text}`;
  const http = answerOf({ code: 0, data: { result }, log_id: '20261001' });

  expect(readImportAnswer(http, { keep, nowMs })).toMatchObject({
    type: 'kept sheet',
    jobErrorMsg: 'kept success',
    token: `kept ${finished.token}`,
    url: `kept ${finished.url}`,
    extra: ['kept 2000', 'kept new'],
    logId: 'kept 20261001',
  });
});

test('keeps nothing of a refusal that it was not told how to keep', () => {
  const error = { log_id: '20261001', permission_violations: [{ subject: 'drive:drive' }] };
  const keep = (text: string) => `kept ${text}`;
  const http = answerOf({ code: 99991672, msg: 'no', error });

  expect(readImportAnswer(http, { keep, nowMs })).toMatchObject({
    msg: 'kept no',
    logId: 'kept 20261001',
    missingScopes: ['kept drive:drive'],
  });
});

test('reads an answer that is nested very deeply', () => {
  const deep = '['.repeat(200_000) + ']'.repeat(200_000);

  expect(readImport(`{"code":0,"data":{"result":{"job_status":0,"extra":${deep}}}}`)).toEqual({
    ...nothingKnown,
    jobStatus: 0,
    extra: ['unreadable'],
  });
});

test('takes the last of repeated keys', () => {
  const repeated = '{"code":99991663,"code":0,"data":{"result":{"job_status":3,"job_status":2}}}';

  expect(readImport(repeated)).toEqual({ ...nothingKnown, jobStatus: 2 });
});

test.for([
  ['the answer', '{"code":0,"__proto__":{"data":{"result":{"job_status":0,"token":"x"}}}}'],
  ['the data', '{"code":0,"data":{"__proto__":{"result":{"job_status":0,"token":"x"}}}}'],
  ['the result', '{"code":0,"data":{"result":{"__proto__":{"job_status":0,"token":"x"}}}}'],
] as const)('does not read what __proto__ of %s holds', ([, body]) => {
  expect(readImport(body)).toEqual(nothingKnown);
  expect(Object.prototype).not.toHaveProperty('token');
});

test('does not take a code from __proto__', () => {
  expect(readImport('{"__proto__":{"code":0}}')).toMatchObject({ kind: 'refusal' });
});

test.for([
  ['"0"', undefined],
  ['"99991663"', undefined],
  ['null', undefined],
  ['false', undefined],
  ['[]', undefined],
  ['{}', undefined],
  ['0.5', undefined],
  ['1e400', undefined],
  ['7369583175086912356', undefined],
  ['1069904', 1069904],
  ['-1', -1],
] as const)('reads code %s as the refusal %s', ([json, code]) => {
  expect(readImport(`{"code":${json},"msg":"m","data":{}}`)).toEqual({
    kind: 'refusal',
    asked: 'import',
    httpStatus: 200,
    code,
    msg: 'm',
    logId: undefined,
    missingScopes: [],
    retryAfterSeconds: 0,
  });
});

test.for([
  ['empty', '', undefined],
  ['white', ' \r\n', undefined],
  ['null', 'null', undefined],
  ['a list', '[{"code":0}]', undefined],
  ['a number', '0', undefined],
  ['a text of JSON', '"success"', undefined],
  ['an object without a code', '{"msg":"hi"}', 'hi'],
  ['broken JSON', '{"code":0,"data":{"resu', '{"code":0,"data":{"resu'],
  ['JSON with something behind it', '{"code":0}x', '{"code":0}x'],
  ['HTML', '<html><body>403</body></html>', '<html><body>403</body></html>'],
  ['plain text', '404 page not found\n', '404 page not found'],
] as const)('refuses a body that is %s', ([, body, msg]) => {
  const refusal = {
    kind: 'refusal',
    httpStatus: 502,
    code: undefined,
    msg,
    logId: undefined,
    missingScopes: [],
    retryAfterSeconds: 0,
  };

  expect(readImport(body, { httpStatus: 502 })).toEqual({ ...refusal, asked: 'import' });
  expect(readToken(body, { httpStatus: 502 })).toEqual({ ...refusal, asked: 'token' });
});

test.for([[null], [1], [true], [[]], [{}], ['']])('takes msg %j for missing', ([msg]) => {
  expect(readImport({ code: 1069904, msg })).toMatchObject({ code: 1069904, msg: undefined });
});

const header = { 'x-tt-logid': 'in the header' };

test.for([
  ['the header', header, { error: { log_id: 'a', logid: 'b' }, log_id: 'c' }, 'in the header'],
  ['the first of two headers', { 'x-tt-logid': ['one', 'two'] }, {}, 'one'],
  ['error.log_id', {}, { error: { log_id: 'a', logid: 'b' }, log_id: 'c' }, 'a'],
  ['error.logid', {}, { error: { logid: 'b' }, log_id: 'c' }, 'b'],
  ['log_id', {}, { log_id: 'c' }, 'c'],
  ['log_id beside an error without one', {}, { error: { message: 'no' }, log_id: 'c' }, 'c'],
  ['log_id where the error is a text', {}, { error: 'no', log_id: 'c' }, 'c'],
  ['error.log_id where the header is empty', { 'x-tt-logid': '' }, { error: { log_id: 'a' } }, 'a'],
  ['error.logid where error.log_id is empty', {}, { error: { log_id: '', logid: 'b' } }, 'b'],
  ['log_id where error.log_id is a number', {}, { error: { log_id: 1 }, log_id: 'c' }, 'c'],
  ['nothing where all are of a wrong type', {}, { error: { log_id: 1, logid: [] } }, undefined],
] as const)('takes the log id from %s', ([, headers, body, logId]) => {
  const options = { headers: headers as HttpAnswer['headers'] };

  expect(readImport({ code: 1069901, ...body }, options)).toMatchObject({ logId });
  expect(readToken({ code: 10003, ...body }, options)).toMatchObject({ logId });
  expect(readImport({ code: 0, ...body }, options)).toMatchObject({ kind: 'result', logId });
});

test.for([
  ['subject', [{ type: 'action_scope_required', subject: 'drive:drive' }], ['drive:drive']],
  ['scope', [{ scope: 'drive:drive', url: 'https://x' }], ['drive:drive']],
  ['subject before scope', [{ subject: 'a', scope: 'b' }], ['a']],
  ['scope where subject is empty', [{ subject: '', scope: 'b' }], ['b']],
  ['whatever entries have one', [{ subject: 'a' }, null, 1, 'b', {}, { scope: 'c' }], ['a', 'c']],
  ['none of a wrong type', [{ subject: 1, scope: null }], []],
  ['no list that is null', null, []],
  ['no list that is an object', { subject: 'a' }, []],
  ['no list that is missing', undefined, []],
  ['ten and no more', Array(50_000).fill({ subject: 'a' }), Array(10).fill('a')],
] as const)('reads missing scopes from %s', ([, permission_violations, missingScopes]) => {
  const answer = readImport({ code: 99991672, error: { log_id: 'a', permission_violations } });

  expect(answer).toMatchObject({ code: 99991672, logId: 'a', missingScopes });
});

test.for([
  [
    'in brackets',
    'scopes is required: [drive:drive, docs:document:import]',
    undefined,
    ['drive:drive', 'docs:document:import'],
  ],
  ['but no other words', 'one of [drive:drive, or so]', undefined, ['drive:drive']],
  ['unless a list names them', 'required: [a:b]', [{ subject: 'drive:drive' }], ['drive:drive']],
  ['and none without brackets', 'required: drive:drive', undefined, []],
] as const)(
  'reads missing scopes from the text %s',
  ([, msg, permission_violations, missingScopes]) => {
    const answer = readImport({ code: 99991672, msg, error: { permission_violations } });

    expect(answer).toMatchObject({ missingScopes });
  },
);

test.for([[null], ['no'], [1], [[]]])('reads a refusal whose error is %j', ([error]) => {
  expect(readImport({ code: 1069904, msg: 'invalid param', error })).toMatchObject({
    code: 1069904,
    msg: 'invalid param',
    missingScopes: [],
  });
});

test('reads how long to wait before asking again', () => {
  const headers = { 'x-ogw-ratelimit-reset': '52' };

  expect(readImport({ code: 99991400 }, { httpStatus: 429, headers })).toMatchObject({
    retryAfterSeconds: 52,
  });
});

test('reads a result at any HTTP status', () => {
  const body = { code: 0, data: { result: finished } };

  expect(readImport(body, { httpStatus: 500 })).toMatchObject({ kind: 'result', httpStatus: 500 });
});

test('reads a token', () => {
  const body = { code: 0, msg: 'ok', tenant_access_token: 't-7f1bcd13', expire: 7140 };

  expect(readToken(body)).toEqual({ kind: 'token', token: 't-7f1bcd13', lifeSeconds: 7140 });
});

test.for([[undefined], [null], ['7200'], [-1], [[]], [{}], [true]])(
  'gives a token no life where expire is %j',
  ([expire]) => {
    expect(readToken({ code: 0, tenant_access_token: 't-7f1bcd13', expire })).toEqual({
      kind: 'token',
      token: 't-7f1bcd13',
      lifeSeconds: 0,
    });
  },
);

test('gives a token no life that no number can hold', () => {
  expect(readToken('{"code":0,"tenant_access_token":"t-7f1bcd13","expire":1e999}')).toMatchObject({
    lifeSeconds: 0,
  });
});

test.for([
  [{ access_token: 'u-1' }, { accessToken: 'u-1', lifeSeconds: 7200 }],
  [
    { access_token: 'u-1', expires_in: 60, refresh_token: 'r-1', refresh_token_expires_in: 600 },
    { accessToken: 'u-1', lifeSeconds: 60, refreshToken: 'r-1', refreshLifeSeconds: 600 },
  ],
  [
    { access_token: 'u-1', expires_in: '60', refresh_token: 7, refresh_token_expires_in: -1 },
    { accessToken: 'u-1', lifeSeconds: 7200 },
  ],
] as const)("reads a user's tokens from %j", ([body, tokens]) => {
  expect(readUserTokenAnswer(answerOf({ code: 0, ...body }), context)).toEqual({
    kind: 'renewed',
    ...{ refreshToken: undefined, refreshLifeSeconds: undefined },
    ...tokens,
  });
});

test.for([[undefined], [null], [''], [' '], [1], [true], [[]], [{ token: 't-7f1bcd13' }]])(
  'cannot read an answer whose tenant_access_token is %j',
  ([tenant_access_token]) => {
    expect(readToken({ code: 0, msg: 'ok', tenant_access_token, expire: 7200 })).toEqual({
      kind: 'refusal',
      asked: 'token',
      httpStatus: 200,
      code: undefined,
      msg: 'ok',
      logId: undefined,
      missingScopes: [],
      retryAfterSeconds: 0,
    });
  },
);

test('refuses a token that comes with a code', () => {
  const body = { code: 10014, msg: 'no', tenant_access_token: 't-7f1bcd13', expire: 7200 };

  expect(readToken(body)).toMatchObject({ kind: 'refusal', asked: 'token', code: 10014 });
});

test.for([
  '{"code":0,"msg":"ok","tenant_access_token":"t-7f1bcd13","expi',
  '{"code":0,"msg":"ok","tenant_access_token":"t-7f1bcd',
  '{"app_access_token" : "t-7f1bcd13","tenant_access_token" :\n"t-7f1bcd13"',
])('does not keep the token of an answer that was cut short: %j', (body) => {
  const refusal = readToken(body);

  expect(refusal).toMatchObject({ kind: 'refusal', msg: expect.stringContaining('[secret]') });
  expect(JSON.stringify(refusal)).not.toContain('t-7f1');
});

test('makes an answer of whatever comes', () => {
  const body = fc.oneof(
    fc.string(),
    fc.json(),
    fc.json().map((json) => `{"code":0,"data":${json}}`),
  );
  const headers = fc.dictionary(
    fc.constantFrom('x-tt-logid', 'retry-after', 'x-ogw-ratelimit-reset'),
    fc.oneof(fc.string(), fc.array(fc.string())),
  );

  fc.assert(
    fc.property(body, headers, fc.integer({ min: 200, max: 599 }), (text, found, httpStatus) => {
      const options = { headers: found, httpStatus };
      expect(readImport(text, options).kind).toMatch(/^(result|refusal)$/);
      expect(readToken(text, options).kind).toBe('refusal');
    }),
    { numRuns: 200 },
  );
});

import { expect, test } from 'vitest';
import type { RefusalAnswer } from '../../functions/core/answer.ts';
import { apiCodes } from '../../functions/core/api-codes.ts';
import type { ErrorName } from '../../functions/core/error-catalogue.ts';
import { meaningOfRefusal } from '../../functions/core/refusal.ts';
import { refusalAnswer } from '../answers.ts';

type Refused = Partial<Pick<RefusalAnswer, 'asked' | 'code' | 'httpStatus' | 'msg'>>;
type Meaning = 'rate_limit' | 'transient' | 'token_refused' | ErrorName;

function meaningOf(refused: Refused) {
  return meaningOfRefusal(refusalAnswer(refused));
}

function nameOf(refused: Refused): Meaning {
  const meaning = meaningOf(refused);
  return meaning.kind === 'permanent' ? meaning.error : meaning.kind;
}

const undocumented = 4_242_424;

test.for([
  ['a frequency limit', 'rate_limit', { httpStatus: 429, code: 99991400 }],
  ['a frequency limit of an older API', 'rate_limit', { httpStatus: 400, code: 99991400 }],
  ['a frequency limit told with 200', 'rate_limit', { httpStatus: 200, code: 99991400 }],
  ["the import API's own limit", 'rate_limit', { httpStatus: 429, code: 1069923 }],
  ['429 without JSON', 'rate_limit', { httpStatus: 429 }],
  ['429 with an unknown code', 'rate_limit', { httpStatus: 429, code: undocumented }],
  ['429 with a code that says no in general', 'rate_limit', { httpStatus: 429, code: 4000 }],
  ['429 with a code that passes', 'rate_limit', { httpStatus: 429, code: 2200 }],
  ['a used-up monthly quota', 'Feishu.QuotaExceeded', { httpStatus: 429, code: 99991403 }],
  ['a used-up API package', 'Feishu.QuotaExceeded', { httpStatus: 429, code: 99991406 }],
  ['a used-up quota told with 400', 'Feishu.QuotaExceeded', { httpStatus: 400, code: 99991403 }],
  [
    '429 with a code that names the fault',
    'Feishu.ScopeMissing',
    { httpStatus: 429, code: 99991672 },
  ],
  ['9499 without a message', 'Feishu.Rejected', { httpStatus: 400, code: 9499 }],
  [
    'throttling in words with another code',
    'Feishu.Rejected',
    { httpStatus: 400, code: 4000, msg: 'too many requests' },
  ],
  ['429 with a refused token', 'token_refused', { httpStatus: 429, code: 99991663 }],
] satisfies [string, Meaning, Refused][])('%s means %s', ([, meaning, refused]) => {
  expect(nameOf(refused)).toBe(meaning);
});

test.for([
  ['too many requests', 400, 'rate_limit'],
  ['Too Many Request', 200, 'rate_limit'],
  ['request too frequent', 400, 'rate_limit'],
  ['request trigger frequency limit', 400, 'rate_limit'],
  ['rate limited', 400, 'rate_limit'],
  ['rate-limit', 429, 'rate_limit'],
  ['Throttled', 400, 'rate_limit'],
  ['请求过于频繁', 400, 'rate_limit'],
  ['触发频控', 400, 'rate_limit'],
  ['请求频率超限', 400, 'rate_limit'],
  ['接口限频', 400, 'rate_limit'],
  ['请求被限流', 400, 'rate_limit'],
  ['Bad Request', 429, 'rate_limit'],
  ['Bad Request', 400, 'Feishu.Rejected'],
  ['Invalid parameter type in json: separate', 200, 'Feishu.Rejected'],
  ['视频参数有误', 400, 'Feishu.Rejected'],
  ['', 400, 'Feishu.Rejected'],
] satisfies [string, number, Meaning][])(
  '9499 that says "%s" with %i is %s',
  ([msg, httpStatus, meaning]) => {
    expect(nameOf({ code: 9499, msg, httpStatus })).toBe(meaning);
  },
);

test.for([
  [500, 'transient'],
  [502, 'transient'],
  [503, 'transient'],
  [599, 'transient'],
  [200, 'transient'],
  [204, 'transient'],
  [301, 'transient'],
  [302, 'transient'],
  [304, 'transient'],
  [400, 'Feishu.Rejected'],
  [401, 'Feishu.Rejected'],
  [403, 'Feishu.Rejected'],
  [404, 'Feishu.Rejected'],
  [499, 'Feishu.Rejected'],
  [429, 'rate_limit'],
] satisfies [number, Meaning][])('%i without a readable code is %s', ([httpStatus, meaning]) => {
  expect(nameOf({ httpStatus })).toBe(meaning);
});

test.for([
  [500, 'transient'],
  [503, 'transient'],
  [200, 'Feishu.Rejected'],
  [302, 'Feishu.Rejected'],
  [400, 'Feishu.Rejected'],
  [403, 'Feishu.Rejected'],
  [404, 'Feishu.Rejected'],
] satisfies [number, Meaning][])('an unknown code with %i is %s', ([httpStatus, meaning]) => {
  expect(nameOf({ httpStatus, code: undocumented })).toBe(meaning);
});

test.for([-1, 1, 2 ** 53, 1.5, Number.NaN])('code %d, which nobody knows, is a no', (code) => {
  expect(nameOf({ code })).toBe('Feishu.Rejected');
});

const documented = Object.entries(apiCodes).map(([code, row]) => [Number(code), row] as const);

test.for(documented)('code %i means the same with every other status', ([code, row]) => {
  for (const httpStatus of [200, 302, 400, 401, 403, 404, 500, 503]) {
    expect(meaningOf({ code, httpStatus })).toEqual(row);
  }
});

test.for([
  ['wrong credentials', 'Feishu.CredentialsRejected', { httpStatus: 200, code: 10003 }],
  ['a disabled app', 'Feishu.CredentialsRejected', { httpStatus: 200, code: 10014 }],
  ['a wrong secret', 'Feishu.CredentialsRejected', { httpStatus: 400, code: 10015 }],
  ['credentials that do not exist', 'Feishu.CredentialsRejected', { code: 99991543 }],
  [
    'an unknown code with 200',
    'Feishu.CredentialsRejected',
    { httpStatus: 200, code: undocumented },
  ],
  ['an unknown code with 400', 'Feishu.CredentialsRejected', { code: undocumented }],
  ['a no in general', 'Feishu.CredentialsRejected', { code: 99992402 }],
  ['a refused tenant token', 'Feishu.CredentialsRejected', { code: 99991663 }],
  ['a refused app token', 'Feishu.CredentialsRejected', { httpStatus: 200, code: 20014 }],
  ['an address that is not allowed', 'Feishu.IpNotAllowed', { code: 99991401 }],
  ['a used-up quota', 'Feishu.QuotaExceeded', { httpStatus: 429, code: 99991403 }],
  ['a frequency limit', 'rate_limit', { httpStatus: 429, code: 99991400 }],
  ['429 with an unknown code', 'rate_limit', { httpStatus: 429, code: undocumented }],
  ['429 without JSON', 'rate_limit', { httpStatus: 429 }],
  ['throttling in words', 'rate_limit', { code: 9499, msg: 'too many requests' }],
  ['a fault of the token service', 'transient', { httpStatus: 500, code: 20050 }],
  ['an unknown code with 500', 'transient', { httpStatus: 500, code: undocumented }],
  ['503 without JSON', 'transient', { httpStatus: 503 }],
  ['200 without JSON', 'transient', { httpStatus: 200 }],
  ['404 without JSON', 'Feishu.Rejected', { httpStatus: 404 }],
] satisfies [string, Meaning, Refused][])(
  'from a token endpoint, %s means %s',
  ([, meaning, refused]) => {
    expect(nameOf({ asked: 'token', ...refused })).toBe(meaning);
  },
);

test('what a code means is told also where the credentials are to blame', () => {
  const meaning = meaningOf({ asked: 'token', code: 99991662 });

  expect(meaning).toMatchObject({
    meaning: apiCodes[99991662].meaning,
    advice: apiCodes[99991662].advice,
  });
});

test.for([
  [{ httpStatus: 502, code: undocumented }, 'HTTP status 502', 'HTTP 状态码 502'],
  [{ httpStatus: 403 }, 'HTTP status 403', 'HTTP 状态码 403'],
  [{ httpStatus: 429 }, 'too many requests', '请求过于频繁'],
  [{ code: undocumented }, 'a code that nobody has documented', '未见于文档的错误码'],
] satisfies [Refused, string, string][])('%o is told as "%s" and "%s"', ([refused, en, zh]) => {
  expect(meaningOf(refused).meaning).toEqual({ en, zh });
});

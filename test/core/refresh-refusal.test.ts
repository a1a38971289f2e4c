import { expect, test } from 'vitest';
import {
  meaningOfRefreshRefusal,
  type RefreshRefusal,
} from '../../functions/core/refresh-refusal.ts';
import { refusalAnswer } from '../answers.ts';

function meaningOf(code: number | undefined, httpStatus: number, msg?: string) {
  return meaningOfRefreshRefusal(refusalAnswer({ asked: 'token', httpStatus, code, msg }));
}

test.for([
  [20001, 400, 'settings'],
  [20002, 400, 'settings'],
  [20003, 400, 'settings'],
  [20004, 400, 'settings'],
  [20008, 400, 'authorise_again'],
  [20009, 400, 'settings'],
  [20010, 400, 'settings'],
  [20024, 400, 'settings'],
  [20026, 400, 'authorise_again'],
  [20036, 400, 'settings'],
  [20037, 400, 'authorise_again'],
  [20048, 400, 'settings'],
  [20049, 400, 'settings'],
  [20050, 500, 'unspent'],
  [20063, 400, 'settings'],
  [20064, 400, 'authorise_again'],
  [20065, 400, 'settings'],
  [20066, 400, 'authorise_again'],
  [20067, 400, 'settings'],
  [20068, 400, 'settings'],
  [20069, 400, 'settings'],
  [20070, 400, 'settings'],
  [20071, 400, 'settings'],
  [20072, 503, 'unspent'],
  [20073, 400, 'authorise_again'],
  [20074, 400, 'settings'],
  [99991669, 400, 'authorise_again'],
  [99991400, 429, 'unspent'],
  [99991401, 400, 'settings'],
] satisfies [number, number, RefreshRefusal][])(
  'code %i with HTTP %i leaves the refresh token %s',
  ([code, httpStatus, meaning]) => {
    expect(meaningOf(code, httpStatus)).toBe(meaning);
  },
);

test.for([20050, 20072])('code %i leaves the refresh token unspent at any HTTP status', (code) => {
  for (const httpStatus of [200, 400, 429, 502]) {
    expect(meaningOf(code, httpStatus)).toBe('unspent');
  }
});

test.for([20064, 20073])('code %i asks for a person at any HTTP status', (code) => {
  for (const httpStatus of [200, 429, 500]) {
    expect(meaningOf(code, httpStatus)).toBe('authorise_again');
  }
});

test.for([
  [429, 'unspent'],
  [500, 'lost'],
  [502, 'lost'],
  [503, 'lost'],
  [200, 'lost'],
  [204, 'lost'],
  [299, 'lost'],
  [300, 'settings'],
  [302, 'settings'],
  [400, 'settings'],
  [403, 'settings'],
  [404, 'settings'],
  [408, 'lost'],
] satisfies [number, RefreshRefusal][])('HTTP %i without a code is %s', ([httpStatus, meaning]) => {
  expect(meaningOf(undefined, httpStatus)).toBe(meaning);
});

test.for([
  [429, 'unspent'],
  [400, 'settings'],
  [499, 'settings'],
  [500, 'lost'],
  [503, 'lost'],
] satisfies [number, RefreshRefusal][])(
  'HTTP %i with a code that nobody has documented is %s',
  ([httpStatus, meaning]) => {
    expect(meaningOf(4_242_424, httpStatus)).toBe(meaning);
  },
);

test('a limit that is told in words leaves the refresh token unspent', () => {
  expect(meaningOf(9499, 400, 'too many requests')).toBe('unspent');
});

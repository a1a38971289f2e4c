import { expect, test } from 'vitest';
import { retryAfterSeconds } from '../../functions/feishu/retry-after.ts';

const now = Date.parse('2026-10-01T08:00:00Z');

test.for([
  ['52', 52],
  ['1', 1],
  ['5.0', 5],
  ['0.25', 0.25],
  [' 7 ', 7],
  ['0', 0],
  ['-5', 0],
  ['+5', 0],
  ['.5', 0],
  ['5.', 0],
  ['1e3', 0],
  ['0x10', 0],
  ['Infinity', 0],
  ['NaN', 0],
  ['9'.repeat(400), 0],
  ['abc', 0],
  ['5 s', 0],
  ['5, 6', 0],
  ['', 0],
  ['Thu, 01 Oct 2026 08:00:30 GMT', 0],
] as const)('reads x-ogw-ratelimit-reset %j as %d s', ([header, seconds]) => {
  expect(retryAfterSeconds({ 'x-ogw-ratelimit-reset': header }, now)).toBe(seconds);
});

test.for([
  ['120', 120],
  ['1.5', 1.5],
  [' 7 ', 7],
  ['0', 0],
  ['-5', 0],
  ['-1.5', 0],
  ['0x10', 0],
  ['Infinity', 0],
  ['9'.repeat(400), 0],
  ['', 0],
  ['Thu, 01 Oct 2026 08:00:30 GMT', 30],
  ['Thursday, 01-Oct-26 08:01:00 GMT', 60],
  ['Thu, 01 Oct 2026 08:00:00 GMT', 0],
  ['Thu, 01 Oct 2026 07:59:30 GMT', 0],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 0],
  ['Thu, 99 Oct 2026 08:00:30 GMT', 0],
  ['2026-10-01T08:00:30Z', 0],
  ['tomorrow', 0],
  ['abc 3000', 0],
  ['3000-01', 0],
  ['GMT', 0],
] as const)('reads retry-after %j as %d s', ([header, seconds]) => {
  expect(retryAfterSeconds({ 'retry-after': header }, now)).toBe(seconds);
});

test('prefers x-ogw-ratelimit-reset', () => {
  expect(retryAfterSeconds({ 'x-ogw-ratelimit-reset': '3', 'retry-after': '60' }, now)).toBe(3);
});

test.for(['0', '-1', 'abc', 'Infinity', ''])(
  'takes retry-after where x-ogw-ratelimit-reset is %j',
  (reset) => {
    expect(retryAfterSeconds({ 'x-ogw-ratelimit-reset': reset, 'retry-after': '60' }, now)).toBe(
      60,
    );
  },
);

test('reads the first of repeated headers', () => {
  expect(retryAfterSeconds({ 'x-ogw-ratelimit-reset': ['4', '9'] }, now)).toBe(4);
});

test('is 0 without either header', () => {
  expect(retryAfterSeconds({}, now)).toBe(0);
});

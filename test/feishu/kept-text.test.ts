import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keepText } from '../../functions/feishu/kept-text.ts';

const keep = keepText('t-7f1bcd13fc57d46b', 'app.secret+$&');

test.for(['', 'success', '导入成功', 'error 232140101: {"a":1}', '👨‍👩‍👧‍👦'])(
  'keeps %j as it is',
  (text) => {
    expect(keep(text)).toBe(text);
  },
);

test.for([
  ['Bearer t-7f1bcd13fc57d46b is invalid', 'Bearer [secret] is invalid'],
  ['t-7f1bcd13fc57d46bt-7f1bcd13fc57d46b', '[secret][secret]'],
  ['{"app_secret":"app.secret+$&"}', '{"app_secret":"[secret]"}'],
  ['t-7f1bcd13fc57d46b, app.secret+$&', '[secret], [secret]'],
] as const)('hides the secrets in %j', ([text, kept]) => {
  expect(keep(text)).toBe(kept);
});

test('hides nothing for an empty secret', () => {
  expect(keepText('')('abc')).toBe('abc');
});

test('hides a secret before it cuts, so that no part of it is left at the end', () => {
  const kept = keep(`${'x'.repeat(495)}t-7f1bcd13fc57d46b`);

  expect(kept).toBe(`${'x'.repeat(495)}[sec…`);
});

test('keeps 500 characters whole', () => {
  expect(keep('x'.repeat(500))).toBe('x'.repeat(500));
});

test('cuts a longer text to 500 characters, the last of them an ellipsis', () => {
  expect(keep('x'.repeat(501))).toBe(`${'x'.repeat(499)}…`);
});

test('counts characters, not the halves of surrogate pairs', () => {
  expect(keep('😀'.repeat(500))).toBe('😀'.repeat(500));
});

test('cuts between whole characters', () => {
  expect(keep('😀'.repeat(501))).toBe(`${'😀'.repeat(499)}…`);
});

test.for([
  ['line breaks', '<html>\r\n\t<body>\u2028403</body>', '<html> <body> 403</body>'],
  ['control characters', 'a\u0000\u0007\u001b[31mb', 'a [31mb'],
] as const)('keeps a text with %s on one plain line', ([, text, kept]) => {
  expect(keep(text)).toBe(kept);
});

test('mends half a surrogate pair', () => {
  expect(keep('a\ud83d')).toBe('a\ufffd');
});

test('gives a short, well-formed text without the secrets, whatever it is given', () => {
  const text = fc.array(
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('t-7f1bcd13fc57d46b', '\ud83d', '\n')),
    { maxLength: 200 },
  );

  fc.assert(
    fc.property(text, (parts) => {
      const kept = keep(parts.join(''));
      expect(Array.from(kept).length).toBeLessThanOrEqual(500);
      expect(kept.isWellFormed()).toBe(true);
      expect(kept).not.toContain('t-7f1bcd13fc57d46b');
    }),
    { numRuns: 30 },
  );
});

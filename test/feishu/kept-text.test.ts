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

const token = 'g-7f1bcd13/fc57+d46b"a&b<c>9e8d7c6b';
const base64 = (text: string) => Buffer.from(text).toString('base64');

test.for([
  ['in an address', encodeURIComponent(token)],
  ['in an address, in lower case', encodeURIComponent(token).toLowerCase()],
  ['in JSON', JSON.stringify({ token }).slice(1, -1)],
  ['in JSON in JSON', JSON.stringify(JSON.stringify({ token }))],
  ['in HTML', token.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')],
  ['in base64', base64(token)],
  ['in base64 for addresses', Buffer.from(token).toString('base64url')],
  ['behind a name, in base64', base64(`cli_1:${token}`)],
  ['behind a longer name, in base64', base64(`cli_11:${token} and more`)],
  ['in the third place, in base64', base64(`cli_111:${token}`)],
  ['in hexadecimal digits', Buffer.from(token).toString('hex')],
  ['cut short', `${token.slice(0, 20)}…`],
  ['without its beginning', `…${token.slice(9)}`],
  ['broken into lines', token.replace(/(.{5})/g, '$1\r\n\t')],
  ['broken by characters that nobody sees', token.replace(/(.{3})/g, '$1\u200b\u0000')],
  ['in capitals', token.toUpperCase()],
] as const)('hides a secret %s', ([, echo]) => {
  const kept = keepText(token)(`not valid: ${echo}, sorry`);

  expect(kept).toContain('[secret]');
  expect(longestPieceOf(token, kept)).toBeLessThan(12);
  expect(longestPieceOf(echo, kept.replaceAll('[secret]', ''))).toBeLessThan(20);
});

/** The length of the longest piece of a secret that a text still holds, whatever breaks it. */
function longestPieceOf(secret: string, text: string): number {
  const shown = text.replace(/[\s\p{Cc}\p{Cf}]/gu, '');
  for (let length = secret.length; length > 0; length--) {
    for (let start = 0; start + length <= secret.length; start++) {
      if (shown.includes(secret.slice(start, start + length))) return length;
    }
  }
  return 0;
}

test('leaves no piece of a secret, whatever the secret, and wherever it is broken and hidden', () => {
  const secrets = fc.string({ unit: 'grapheme-ascii', minLength: 12, maxLength: 60 });
  const encodings = fc.constantFrom(
    (text: string) => text,
    encodeURIComponent,
    (text: string) => JSON.stringify(text).slice(1, -1),
    (text: string) => base64(text),
    (text: string) => Buffer.from(text).toString('hex'),
  );
  const breaks = fc.constantFrom('', ' ', '\n', '\u0000', '\u200b');
  const beside = fc.string({ maxLength: 40 });
  fc.assert(
    fc.property(secrets, encodings, breaks, fc.nat(60), beside, (secret, encode, gap, at, text) => {
      const echo = encode(secret);
      fc.pre(!/\s/.test(secret) && !text.includes(echo.slice(0, 3)));

      const kept = keepText(secret)(`${text} ${echo.slice(0, at)}${gap}${echo.slice(at)} ${text}`);

      expect(longestPieceOf(echo, kept)).toBeLessThan(12);
    }),
  );
});

test('hides every twelve characters of a secret, wherever they stand', () => {
  const keepToken = keepText(token);
  for (let start = 0; start + 12 <= token.length; start++) {
    for (let offset = 0; offset < 12; offset++) {
      const [before, piece] = ['~'.repeat(offset), token.slice(start, start + 12)];

      expect(keepToken(`${before}${piece}~~`)).toBe(`${before}[secret]~~`);
      expect(keepToken(before + piece)).toBe(`${before}[secret]`);
    }
  }
});

test('hides a secret of a few characters where it stands whole', () => {
  expect(keepText('abc')('xabcx a bc')).toBe('x[secret]x [secret]');
  expect(keepText('aBc')('abc')).toBe('[secret]');
  expect(keepText('aa')('AAA')).toBe('[secret]');
  expect(keepText('x')('aXb')).toBe('a[secret]b');
  expect(keepText('a%a')('A%A%A!')).toBe('[secret]!');
});

test('takes no longer for a page of a megabyte', () => {
  const startedAt = performance.now();

  expect(keep('t-7f1bcd13fc57d46b '.repeat(55_000))).toMatch(/^(\[secret\] ){55}\[sec…$/);
  expect(performance.now() - startedAt).toBeLessThan(500);
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

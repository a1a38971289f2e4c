import fc from 'fast-check';
import { resolved, type Schema } from './openapi-document.ts';

/** Values that a schema of the document takes. */
export function valid(reference: Schema): fc.Arbitrary<unknown> {
  const schema = resolved(reference);
  const { type, pattern, minimum, maximum, minLength, maxLength, properties, required } = schema;
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern));
  if (type === 'integer') return fc.integer({ min: Number(minimum), max: Number(maximum) });
  if (type === 'string') {
    return fc.string({ minLength: Number(minLength), maxLength: Math.min(Number(maxLength), 99) });
  }
  const fields = Object.entries(properties as Record<string, Schema>);
  return fc.record(Object.fromEntries(fields.map(([key, field]) => [key, valid(field)])), {
    requiredKeys: required as string[],
  });
}

/** Control characters among them, and halves of pairs. */
const anyCharacter = fc
  .oneof(fc.nat(0x9f), fc.nat(0xffff), fc.nat(0x10ffff))
  .map((code) => String.fromCodePoint(code));

/** What may be sent where a text is expected. */
export const oddText = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\0',
    '\u0085',
    '\u2028',
    '\ud800',
    '\u202e',
    '1e999',
    'null',
    '__proto__',
  ),
  fc.string({ unit: anyCharacter, maxLength: 100 }),
  fc.string({ unit: 'grapheme', maxLength: 100 }),
  fc.constantFrom('x'.repeat(2000), '单'.repeat(200)),
);

/** The same of any JSON. */
export const odd = fc.oneof(
  oddText,
  fc.jsonValue(),
  fc.constantFrom(0, -1, 0.5, 86_401, 1e308, -1e308, 2 ** 53, null, true, [], {}),
  fc.double(),
);

/** So many of them, the same ones at every run. */
export function sample<Value>(values: fc.Arbitrary<Value>, count: number): Value[] {
  return fc.sample(values, { numRuns: count, seed: 20_261_122 });
}

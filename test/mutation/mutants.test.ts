import { expect, test } from 'vitest';
import { mutantsOf } from './mutants.ts';
import { sample } from './sample.ts';

test.for([
  ['a bound', 'f(a < b);', ['f(a <= b);', 'f(a >= b);', ';']],
  ['what is joined', 'x = a && b;', ['x = a || b;', ';']],
  ['a default', 'x = a ?? b;', ['x = (a);', ';']],
  ['a denial', 'x = !a;', ['x = a;', ';']],
  ['a number', 'x = 1;', ['x = 2;', ';']],
  ['a text', "x = 'a';", ["x = '';", ';']],
  ['an extreme', 'Math.min(a);', ['Math.max(a);', ';']],
  ['a condition', 'if (a) b();', ['if (true) b();', 'if (false) b();', 'if (a) ;']],
  ['what is returned', 'const f = () => a;', ['const f = () => undefined;']],
] as const)('changes %s', ([, source, mutants]) => {
  const becomes = mutantsOf('functions/core/any.ts', source).map((mutant) => mutant.becomes);

  expect(becomes.toSorted()).toEqual(mutants.toSorted());
});

test('changes no types, no imports, no names of fields, and nothing in a comment', () => {
  const source = `
    import { a } from 'b';
    type C = 'd' | 1;
    const e: C = { 'f': a } as { f: 'g' }; // h < 1`;

  expect(mutantsOf('functions/core/any.ts', source)).toEqual([]);
});

test('changes no texts of the catalogues, but all else there', () => {
  const source = "export const rows = { 1: { kind: 'transient', meaning: { en: 'a', zh: 'b' } } };";
  const mutants = mutantsOf('functions/core/api-codes.ts', source);

  expect(mutants.map(({ becomes }) => becomes)).toEqual([source.replace('transient', '')]);
});

test('tells the line that is changed, also after characters of other scripts', () => {
  const [mutant] = mutantsOf('functions/core/any.ts', "// 中文 😀\nconst a = ['中', 1,\n2].at(b);");

  expect(mutant).toMatchObject({
    line: 2,
    was: "const a = ['中', 1,",
    becomes: "const a = ['', 1,",
  });
});

test('draws the same sample for the same seed, and another for another', () => {
  const items = Array.from({ length: 100 }, (_, index) => index);

  expect(sample(items, 10, 1)).toHaveLength(10);
  expect(sample(items, 10, 1)).toEqual(sample(items, 10, 1));
  expect(sample(items, 10, 1)).not.toEqual(sample(items, 10, 2));
});

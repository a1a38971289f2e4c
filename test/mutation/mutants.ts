import { parseAst } from 'vitest/node';
import { type Change, changesOf, type Node } from './changes.ts';

export type Mutant = {
  file: string;
  line: number;
  /** The lines that are changed, in one, before and after. */
  was: string;
  becomes: string;
  source: string;
};

/** Texts for people: what they say is nobody's behaviour. */
const catalogues =
  /\/(api-codes|error-catalogue|import-notices|import-status|failure-messages)\.ts$/;

/** Every program that differs from this one in one place. */
export function mutantsOf(file: string, source: string): Mutant[] {
  const changes: Change[] = [];
  const skipsTexts = catalogues.test(file);

  function visit(node: Node): void {
    if (isOutOfReach(node) || (skipsTexts && isBilingual(node))) return;
    changes.push(...changesOf(node, source));
    for (const [key, child] of Object.entries(node)) {
      if (isKey(node, key)) continue;
      for (const each of [child].flat()) if (isNode(each)) visit(each);
    }
  }
  visit(parse(source));
  return changes.map((change) => mutant(file, source, change));
}

function mutant(file: string, source: string, { start, end, text }: Change): Mutant {
  const mutated = source.slice(0, start) + text + source.slice(end);
  parse(mutated); // one that is no program at all would count as found by any test
  const lineStart = source.lastIndexOf('\n', start - 1) + 1;
  const lineEnd = end + (/.*/.exec(source.slice(end))?.[0].length ?? 0);
  const before = source.slice(lineStart, start);
  const after = source.slice(end, lineEnd);
  return {
    file,
    line: source.slice(0, start).split('\n').length,
    was: inOneLine(source.slice(lineStart, lineEnd)),
    becomes: inOneLine(before + text + after),
    source: mutated,
  };
}

function parse(source: string): Node {
  return parseAst(source, { lang: 'ts' }) as unknown as Node;
}

/** Types are gone when the program runs; imports are the test's own affair. */
function isOutOfReach({ type }: Node): boolean {
  const holdsExpression = ['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression'];
  return type === 'ImportDeclaration' || (type.startsWith('TS') && !holdsExpression.includes(type));
}

function isBilingual(node: Node): boolean {
  const key = node.type === 'Property' ? (node.key as Node).name : undefined;
  return key === 'en' || key === 'zh';
}

function isKey(node: Node, key: string): boolean {
  return key === 'key' && node.type === 'Property' && !node.computed;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

function inOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

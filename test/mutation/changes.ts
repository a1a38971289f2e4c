/** A node of the syntax tree (ESTree with TypeScript's nodes), as far as it matters here. */
export type Node = { type: string; start: number; end: number; [field: string]: unknown };

/** `text` in place of what is from `start` to `end`. */
export type Change = { start: number; end: number; text: string };

/** A bound moved by one, and the opposite. */
const otherOperators: Record<string, string[]> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '&&': ['||'],
  '||': ['&&'],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '**': ['*'],
  '%': ['*'],
  '^': ['&'],
  '>>>': ['>>'],
  '+=': ['-='],
  '-=': ['+='],
  '??=': ['='],
};

/** What may be changed about a node itself, its parts aside. */
export function changesOf(node: Node, source: string): Change[] {
  const part = (name: string) => node[name] as Node;
  const textOf = ({ start, end }: Node) => source.slice(start, end);
  const into = (changed: Node, ...texts: string[]) =>
    texts
      .filter((text) => text !== textOf(changed))
      .map((text) => ({ start: changed.start, end: changed.end, text }));

  switch (node.type) {
    case 'BinaryExpression':
    case 'AssignmentExpression':
      return otherOperator(node, source);
    case 'LogicalExpression':
      return node.operator === '??'
        ? into(node, `(${textOf(part('left'))})`)
        : otherOperator(node, source);
    case 'UnaryExpression':
      return ['!', '-'].includes(String(node.operator)) ? into(node, textOf(part('argument'))) : [];
    case 'UpdateExpression': {
      const [from, to] = node.operator === '++' ? ['++', '--'] : ['--', '++'];
      return into(node, textOf(node).replace(from, to));
    }
    case 'ConditionalExpression':
      return into(part('test'), 'true', 'false');
    case 'IfStatement':
      return into(part('test'), 'true', 'false');
    case 'ReturnStatement':
      return node.argument ? into(part('argument'), 'undefined') : [];
    case 'ArrowFunctionExpression':
      return part('body').type === 'BlockStatement' ? [] : into(part('body'), 'undefined');
    case 'ExpressionStatement':
      return into(node, ';');
    case 'CallExpression':
      return otherExtreme(part('callee'), textOf(part('callee')));
    case 'Literal':
      return otherLiteral(node);
    case 'TemplateLiteral':
      return into(node, '``');
    default:
      return [];
  }
}

function otherOperator(node: Node, source: string): Change[] {
  const operator = String(node.operator);
  const start = source.indexOf(operator, (node.left as Node).end);
  const others = otherOperators[operator] ?? [];
  return others.map((text) => ({ start, end: start + operator.length, text }));
}

function otherExtreme({ start, end }: Node, callee: string): Change[] {
  if (callee === 'Math.min') return [{ start, end, text: 'Math.max' }];
  if (callee === 'Math.max') return [{ start, end, text: 'Math.min' }];
  return [];
}

function otherLiteral({ start, end, value }: Node): Change[] {
  if (typeof value === 'number') return [{ start, end, text: String(value + 1) }];
  if (typeof value === 'boolean') return [{ start, end, text: String(!value) }];
  if (typeof value === 'string') return [{ start, end, text: value === '' ? "'more'" : "''" }];
  return [];
}

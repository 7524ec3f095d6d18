import type { BinaryExpression, Expression, TupleExpression, UnaryExpression } from './ast.ts';
import { parseLambda } from './parse-parameters.ts';
import { parsePrimary } from './parse-primary.ts';
import type { TokenReader } from './token-reader.ts';

/** Binary operators from those that bind loosest to those that bind tightest; `not` stands between `and` and comparisons. */
const levels: readonly (readonly string[])[] = [
  ['or'],
  ['and'],
  ['==', '!=', '<', '>', '<=', '>=', 'in', 'not in'],
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '//', '%'],
];
const comparisons = 2;

/** An expression, or several with commas between them: a tuple. */
export function parseExpression(reader: TokenReader, endsTuple: (kind: string) => boolean): Expression {
  const { position } = reader;
  const first = parseTest(reader);
  return reader.is(',') ? tupleAfter(reader, first, position, endsTuple) : first;
}

/** The rest of a tuple whose first element has been read; the reader stands at a comma. */
export function tupleAfter(
  reader: TokenReader,
  first: Expression,
  position: TupleExpression['position'],
  ends: (kind: string) => boolean,
): TupleExpression {
  const items = [first];
  while (reader.accept(',')) {
    if (ends(reader.kind)) break;
    items.push(parseTest(reader));
  }
  return { kind: 'tuple', position, items };
}

/** A single expression, without a comma of its own. */
export function parseTest(reader: TokenReader): Expression {
  return reader.nested(() => {
    if (reader.is('lambda')) return parseLambda(reader, parseTest);
    const value = parseBinary(reader, 0);
    if (!reader.is('if')) return value;
    const { position } = reader.take();
    const condition = parseBinary(reader, 0);
    if (!reader.is('else')) throw reader.error('conditional expression without else clause');
    reader.take();
    return { kind: 'conditional', position, condition, whenTrue: value, whenFalse: parseTest(reader) };
  });
}

/** An expression without `if` of its own, as comprehensions need it. */
export function parseCondition(reader: TokenReader): Expression {
  return reader.is('lambda') ? parseLambda(reader, parseCondition) : parseBinary(reader, 0);
}

/** What a loop assigns to: expressions that bind tighter than `in`. */
export function parseLoopTarget(reader: TokenReader): Expression {
  const { position } = reader;
  const first = parseBinary(reader, comparisons + 1);
  if (!reader.is(',')) return first;
  const items = [first];
  while (reader.accept(',')) {
    if (reader.is('in')) break;
    items.push(parseBinary(reader, comparisons + 1));
  }
  return { kind: 'tuple', position, items };
}

function parseBinary(reader: TokenReader, level: number): Expression {
  const operators = levels[level];
  if (operators === undefined) return parseUnary(reader);
  if (level === comparisons && reader.is('not')) {
    return reader.nested((): UnaryExpression => {
      const { position } = reader.take();
      return { kind: 'unary', position, operator: 'not', operand: parseBinary(reader, comparisons) };
    });
  }
  let left = parseBinary(reader, level + 1);
  for (let length = 1; ; length++) {
    const operator = operatorAt(reader);
    if (!operators.includes(operator)) return left;
    if (level === comparisons && length > 1) {
      throw reader.error(`${operator} does not associate with the comparison before it (use parens)`);
    }
    reader.checkChain(length);
    const { position } = reader.take();
    if (operator === 'not in') reader.expect('in');
    const right = parseBinary(reader, level + 1);
    left = { kind: 'binary', position, operator: operator as BinaryExpression['operator'], left, right };
  }
}

function operatorAt(reader: TokenReader): string {
  if (reader.is('not')) return reader.nextIs('in') ? 'not in' : 'not';
  return reader.kind;
}

function parseUnary(reader: TokenReader): Expression {
  const { kind } = reader;
  if (kind !== '+' && kind !== '-' && kind !== '~') return parsePrimary(reader);
  return reader.nested((): UnaryExpression => {
    const { position } = reader.take();
    return { kind: 'unary', position, operator: kind, operand: parseUnary(reader) };
  });
}

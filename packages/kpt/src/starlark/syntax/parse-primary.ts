import type { Comprehension, DictEntry, Expression, ForClause, IfClause } from './ast.ts';
import { parseArguments } from './parse-arguments.ts';
import { parseCondition, parseLoopTarget, parseTest, tupleAfter } from './parse-expression.ts';
import type { TokenReader } from './token-reader.ts';

/** A name, literal or bracketed expression, and the calls, indexes and fields after it. */
export function parsePrimary(reader: TokenReader): Expression {
  let result = parseOperand(reader);
  for (let length = 1; ; length++) {
    reader.checkChain(length);
    const { position } = reader;
    if (reader.accept('.')) {
      result = { kind: 'dot', position, object: result, name: reader.expect('identifier').text };
    } else if (reader.is('(')) {
      result = { kind: 'call', position, callee: result, arguments: parseArguments(reader) };
    } else if (reader.is('[')) {
      result = parseIndex(reader, result);
    } else {
      return result;
    }
  }
}

function parseOperand(reader: TokenReader): Expression {
  const { token, position } = reader;
  switch (token.kind) {
    case 'identifier':
      reader.take();
      return { kind: 'name', position, name: token.text };
    case 'int':
    case 'float':
    case 'string':
    case 'bytes':
      reader.take();
      return { kind: 'literal', position, value: token.value ?? null };
    case '(':
      return parseParenthesized(reader);
    case '[':
      return parseList(reader);
    case '{':
      return parseDict(reader);
    default:
      throw reader.unexpected('primary expression');
  }
}

function parseParenthesized(reader: TokenReader): Expression {
  const { position } = reader.take();
  if (reader.accept(')')) return { kind: 'tuple', position, items: [] };
  const first = parseTest(reader);
  const result = reader.is(',') ? tupleAfter(reader, first, position, (kind) => kind === ')') : first;
  reader.expect(')');
  return result;
}

function parseList(reader: TokenReader): Expression {
  const { position } = reader.take();
  if (reader.accept(']')) return { kind: 'list', position, items: [] };
  const first = parseTest(reader);
  if (reader.is('for')) {
    const clauses = parseClauses(reader, ']');
    return { kind: 'comprehension', position, body: first, isDict: false, clauses };
  }
  const items = [first];
  while (reader.accept(',')) {
    if (reader.is(']')) break;
    items.push(parseTest(reader));
  }
  reader.expect(']');
  return { kind: 'list', position, items };
}

function parseDict(reader: TokenReader): Expression {
  const { position } = reader.take();
  if (reader.accept('}')) return { kind: 'dict', position, entries: [] };
  const first = parseEntry(reader);
  if (reader.is('for')) {
    const clauses = parseClauses(reader, '}');
    return { kind: 'comprehension', position, body: first, isDict: true, clauses };
  }
  const entries = [first];
  while (reader.accept(',')) {
    if (reader.is('}')) break;
    entries.push(parseEntry(reader));
  }
  reader.expect('}');
  return { kind: 'dict', position, entries };
}

function parseEntry(reader: TokenReader): DictEntry {
  const key = parseTest(reader);
  const { position } = reader.expect(':');
  return { position, key, value: parseTest(reader) };
}

function parseClauses(reader: TokenReader, end: ']' | '}'): Comprehension['clauses'] {
  const clauses: (ForClause | IfClause)[] = [];
  while (!reader.is(end)) {
    reader.checkChain(8 * clauses.length);
    const { position } = reader;
    if (reader.accept('for')) {
      const target = parseLoopTarget(reader);
      reader.expect('in');
      // A conditional expression would need parentheses: its `if` is the clause's.
      clauses.push({ kind: 'for', position, target, iterable: parseCondition(reader) });
    } else if (reader.accept('if')) {
      clauses.push({ kind: 'if', position, condition: parseCondition(reader) });
    } else {
      throw reader.unexpected(`'${end}', for, or if`);
    }
  }
  reader.take();
  return clauses;
}

function parseIndex(reader: TokenReader, object: Expression): Expression {
  const { position } = reader.take();
  let start: Expression | undefined;
  if (!reader.is(':')) {
    const { position: keyPosition } = reader;
    start = parseTest(reader);
    if (reader.is(',')) start = tupleAfter(reader, start, keyPosition, (kind) => kind === ']');
    if (reader.accept(']')) return { kind: 'index', position, object, key: start };
  }
  reader.expect(':');
  const end = reader.is(':') || reader.is(']') ? undefined : parseTest(reader);
  const step = reader.accept(':') && !reader.is(']') ? parseTest(reader) : undefined;
  reader.expect(']');
  return { kind: 'slice', position, object, start, end, step };
}

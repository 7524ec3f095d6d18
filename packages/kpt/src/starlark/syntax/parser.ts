import type { BinaryOperator } from '../operators/binary.ts';
import type { Expression, IfBranch, Name, Program, Statement } from './ast.ts';
import { tokenize } from './lexer.ts';
import { parseExpression, parseLoopTarget, parseTest } from './parse-expression.ts';
import { parseLoad } from './parse-load.ts';
import { parseParameters } from './parse-parameters.ts';
import { TokenReader } from './token-reader.ts';

/**
 * Parses a program.
 *
 * @param file - what messages call it
 * @throws StarlarkSyntaxError
 */
export function parseProgram(file: string, source: string): Program {
  const reader = new TokenReader(file, tokenize(file, source));
  const statements: Statement[] = [];
  while (!reader.is('eof')) {
    if (!reader.accept('newline')) parseStatement(reader, statements);
  }
  return { file, statements };
}

function parseStatement(reader: TokenReader, into: Statement[]): void {
  reader.nested(() => {
    switch (reader.kind) {
      case 'def':
        into.push(parseDef(reader));
        break;
      case 'if':
        into.push(parseIf(reader));
        break;
      case 'for':
        into.push(parseFor(reader));
        break;
      case 'while':
        into.push(parseWhile(reader));
        break;
      default:
        parseSimpleLine(reader, into);
    }
  });
}

function parseDef(reader: TokenReader): Statement {
  const { position } = reader.take();
  const token = reader.expect('identifier');
  const name: Name = { kind: 'name', position: token.position, name: token.text };
  reader.expect('(');
  const parameters = parseParameters(reader, ')');
  reader.expect(')');
  return { kind: 'def', position, name, parameters, body: parseSuite(reader) };
}

function parseIf(reader: TokenReader): Statement {
  const { position } = reader;
  const branches: IfBranch[] = [];
  do {
    const { position: at } = reader.take();
    const condition = parseTest(reader);
    branches.push({ position: at, condition, body: parseSuite(reader) });
  } while (reader.is('elif'));
  const otherwise = reader.accept('else') ? parseSuite(reader) : [];
  return { kind: 'if', position, branches, otherwise };
}

function parseFor(reader: TokenReader): Statement {
  const { position } = reader.take();
  const target = parseLoopTarget(reader);
  reader.expect('in');
  const iterable = parseExpression(reader, (kind) => kind === ':');
  return { kind: 'for', position, target, iterable, body: parseSuite(reader) };
}

function parseWhile(reader: TokenReader): Statement {
  const { position } = reader.take();
  const condition = parseTest(reader);
  return { kind: 'while', position, condition, body: parseSuite(reader) };
}

function parseSuite(reader: TokenReader): Statement[] {
  reader.expect(':');
  const body: Statement[] = [];
  if (!reader.accept('newline')) {
    parseSimpleLine(reader, body);
    return body;
  }
  if (!reader.is('indent')) throw reader.unexpected('indent');
  reader.take();
  while (!reader.is('outdent') && !reader.is('eof')) {
    if (!reader.accept('newline')) parseStatement(reader, body);
  }
  reader.accept('outdent');
  return body;
}

function parseSimpleLine(reader: TokenReader, into: Statement[]): void {
  do {
    if (reader.is('newline') || reader.is('eof')) break;
    into.push(parseSimple(reader));
  } while (reader.accept(';'));
  // The end of the file can take the place of the last line's end.
  if (!reader.is('eof')) reader.expect('newline');
}

function parseSimple(reader: TokenReader): Statement {
  const { kind, position } = reader;
  switch (kind) {
    case 'return': {
      reader.take();
      const isBare = ['newline', ';', 'eof'].includes(reader.kind);
      return { kind, position, value: isBare ? undefined : parseExpression(reader, endsLine) };
    }
    case 'break':
    case 'continue':
    case 'pass':
      reader.take();
      return { kind, position };
    case 'load':
      return parseLoad(reader);
    default:
      return parseAssignment(reader);
  }
}

const augmented = /^(\+|-|\*|\/|\/\/|%|&|\||\^|<<|>>)=$/;

function parseAssignment(reader: TokenReader): Statement {
  const target = parseExpression(reader, endsLine);
  const { kind, position } = reader;
  const operator = augmented.exec(kind)?.[1];
  if (kind !== '=' && operator === undefined) {
    return { kind: 'expression', position: target.position, expression: target };
  }
  reader.take();
  const value: Expression = parseExpression(reader, endsLine);
  return { kind: 'assign', position, operator: operator as BinaryOperator | undefined, target, value };
}

function endsLine(kind: string): boolean {
  return kind === 'newline' || kind === ';' || kind === 'eof' || kind.endsWith('=');
}

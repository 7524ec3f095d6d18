import type { Bytes } from '../values/bytes.ts';
import type { Float } from '../values/float.ts';
import type { Position } from './position.ts';

/** Words with a meaning of their own. */
export const keywords: ReadonlySet<string> = new Set([
  'and',
  'break',
  'continue',
  'def',
  'elif',
  'else',
  'for',
  'if',
  'in',
  'lambda',
  'load',
  'not',
  'or',
  'pass',
  'return',
  'while',
]);

/** Words that programs may not use, because the language might one day. */
export const reserved: ReadonlySet<string> = new Set([
  'as',
  'async',
  'await',
  'class',
  'del',
  'except',
  'finally',
  'from',
  'global',
  'import',
  'is',
  'nonlocal',
  'raise',
  'try',
  'with',
  'yield',
]);

/** Operators and brackets, longest first. */
export const punctuation: readonly string[] = [
  ['//=', '>>=', '<<='],
  ['**', '//', '<<', '>>', '<=', '>=', '==', '!=', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^='],
  [...'+-*/%&|^~.,=;:()[]{}<>'],
].flat();

/** What a token is: a keyword or punctuation stands for itself. */
export type TokenKind =
  | 'newline'
  | 'indent'
  | 'outdent'
  | 'eof'
  | 'identifier'
  | 'int'
  | 'float'
  | 'string'
  | 'bytes'
  | string;

/** A piece of a program's text. */
export interface Token {
  readonly kind: TokenKind;
  readonly position: Position;
  /** The name of an identifier; empty for others. */
  readonly text: string;
  /** What a literal stands for. */
  readonly value?: number | bigint | string | Float | Bytes;
}

/** A token as messages call it. */
export function describeToken({ kind }: Token): string {
  switch (kind) {
    case 'eof':
      return 'end of file';
    case 'int':
    case 'float':
    case 'string':
    case 'bytes':
      return `${kind} literal`;
    default:
      return /^\w/.test(kind) ? kind : `'${kind}'`;
  }
}

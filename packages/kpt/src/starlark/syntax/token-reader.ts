import { StarlarkSyntaxError } from '../errors.ts';
import type { Position } from './position.ts';
import { describeToken, type Token, type TokenKind } from './token.ts';

/** How deep brackets and blocks may stand in each other. */
const maxDepth = 150;

/** How many operators, calls or steps of a path may follow each other in one expression. */
const maxChain = 1000;

/** Gives the parser one token after the other. */
export class TokenReader {
  readonly file: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(file: string, tokens: readonly Token[]) {
    this.file = file;
    this.#tokens = tokens;
  }

  get token(): Token {
    const token = this.#tokens[this.#at] ?? this.#tokens.at(-1);
    if (token === undefined) throw new TypeError('a program has at least the token of its end');
    return token;
  }

  get kind(): TokenKind {
    return this.token.kind;
  }

  get position(): Position {
    return this.token.position;
  }

  /** Whether this token is of a kind. */
  is(kind: TokenKind): boolean {
    return this.token.kind === kind;
  }

  /** Whether the token after this one is of a kind. */
  nextIs(kind: TokenKind): boolean {
    return this.#tokens[this.#at + 1]?.kind === kind;
  }

  /** This token; moves on to the next. */
  take(): Token {
    const { token } = this;
    if (token.kind !== 'eof') this.#at += 1;
    return token;
  }

  /** Moves on if this token is of a kind. */
  accept(kind: TokenKind): boolean {
    if (this.kind !== kind) return false;
    this.take();
    return true;
  }

  /** @throws StarlarkSyntaxError where this token is of another kind */
  expect(kind: TokenKind): Token {
    if (this.kind !== kind) throw this.unexpected(/^\w/.test(kind) ? kind : `'${kind}'`);
    return this.take();
  }

  unexpected(wanted: string): StarlarkSyntaxError {
    return this.error(`got ${describeToken(this.token)}, want ${wanted}`);
  }

  error(reason: string, position: Position = this.position): StarlarkSyntaxError {
    return new StarlarkSyntaxError(this.file, position, reason);
  }

  /** Reads something that can hold itself, but not without end. */
  nested<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw this.error(`nested more than ${maxDepth} levels deep`);
    const result = read();
    this.#depth -= 1;
    return result;
  }

  /** Called for each link of a chain such as `a + b + c`. */
  checkChain(length: number): void {
    if (length > maxChain) throw this.error(`more than ${maxChain} operators in a row`);
  }
}

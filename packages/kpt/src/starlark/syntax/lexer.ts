import { StarlarkSyntaxError } from '../errors.ts';
import { readNumber } from './number-literal.ts';
import type { Position } from './position.ts';
import { readString, stringStart } from './string-literal.ts';
import { keywords, punctuation, reserved, type Token, type TokenKind } from './token.ts';

const spaces = /[ \t]*/y;
const word = /[\p{L}_][\p{L}\p{Nd}_]*/uy;
const numberStart = /\.?[0-9]/y;
const tabWidth = 8;

/**
 * The tokens of a program; the last is `eof`. Blank lines and comments give none; indentation gives `indent` and `outdent`.
 *
 * @throws StarlarkSyntaxError
 */
export function tokenize(file: string, source: string): Token[] {
  return new Lexer(file, source).run();
}

class Lexer {
  readonly #file: string;
  readonly #source: string;
  readonly #tokens: Token[] = [];
  readonly #indents = [0];
  #at = 0;
  #line = 1;
  /** A place of the current line and its column, from which the columns after it are counted. */
  #counted = { at: 0, column: 1 };
  #brackets = 0;

  constructor(file: string, source: string) {
    this.#file = file;
    const text = source.startsWith('\ufeff') ? source.slice(1) : source;
    this.#source = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
  }

  run(): Token[] {
    let atLineStart = true;
    for (;;) {
      if (atLineStart && this.#brackets === 0) {
        if (!this.#startLine()) continue;
        atLineStart = false;
      }
      this.#skipSpaces();
      const character = this.#source[this.#at];
      if (character === undefined) break;
      if (character === '\n') {
        if (this.#brackets === 0) {
          this.#add('newline', '');
          atLineStart = true;
        }
        this.#newLine(this.#at + 1);
      } else if (character === '\\') {
        if (this.#source[this.#at + 1] !== '\n') throw this.#error('stray backslash in program');
        this.#newLine(this.#at + 2);
      } else {
        this.#token(character);
      }
    }
    const last = this.#tokens.at(-1)?.kind;
    if (this.#brackets === 0 && last !== undefined && last !== 'newline') this.#add('newline', '');
    this.#outdentTo(0);
    this.#add('eof', '');
    return this.#tokens;
  }

  /** Reads a line's indentation. @returns false where the line holds nothing */
  #startLine(): boolean {
    let column = 0;
    let at = this.#at;
    for (; this.#source[at] === ' ' || this.#source[at] === '\t'; at++) {
      column += this.#source[at] === ' ' ? 1 : tabWidth - (column % tabWidth);
    }
    this.#at = at;
    const character = this.#source[at];
    if (character === '#') this.#skipComment();
    if (character === undefined) return true;
    if (this.#source[this.#at] === '\n') {
      this.#newLine(this.#at + 1);
      return false;
    }
    if (this.#source[this.#at] === undefined) return true;
    const current = this.#indents.at(-1) ?? 0;
    if (column > current) {
      this.#indents.push(column);
      this.#add('indent', '');
    } else if (column < current) {
      this.#outdentTo(column);
    }
    return true;
  }

  #outdentTo(column: number): void {
    while ((this.#indents.at(-1) ?? 0) > column) {
      this.#indents.pop();
      this.#add('outdent', '');
    }
    if (this.#indents.at(-1) !== column) throw this.#error('unindent does not match any outer indentation level');
  }

  #skipSpaces(): void {
    spaces.lastIndex = this.#at;
    this.#at += spaces.exec(this.#source)?.[0].length ?? 0;
    if (this.#source[this.#at] === '#') this.#skipComment();
  }

  #skipComment(): void {
    const end = this.#source.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#source.length : end;
  }

  #token(character: string): void {
    const literal = stringStart(this.#source, this.#at);
    if (literal !== undefined) {
      const position = this.#position();
      const { value, end } = readString(this.#source, literal, (reason) => this.#error(reason, position));
      this.#tokens.push({ kind: literal.isBytes ? 'bytes' : 'string', position, text: '', value });
      this.#countLines(end);
      this.#at = end;
      return;
    }
    numberStart.lastIndex = this.#at;
    if (numberStart.test(this.#source)) {
      const { value, end, kind } = readNumber(this.#source, this.#at, (reason) => this.#error(reason));
      this.#add(kind, '', value);
      this.#at = end;
      return;
    }
    word.lastIndex = this.#at;
    const name = word.exec(this.#source)?.[0];
    if (name !== undefined) {
      if (reserved.has(name)) throw this.#error(`${name} is a reserved word of the language`);
      this.#add(keywords.has(name) ? name : 'identifier', name);
      this.#at += name.length;
      return;
    }
    const mark = punctuation.find((text) => this.#source.startsWith(text, this.#at));
    if (mark === undefined) {
      const shown =
        character === '!' ? "'!'" : JSON.stringify(String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0));
      throw this.#error(`unexpected input character ${shown}`);
    }
    if ('([{'.includes(mark)) this.#brackets += 1;
    else if (')]}'.includes(mark)) {
      if (this.#brackets === 0) throw this.#error(`unexpected '${mark}'`);
      this.#brackets -= 1;
    }
    this.#add(mark, '');
    this.#at += mark.length;
  }

  #newLine(start: number): void {
    this.#at = start;
    this.#line += 1;
    this.#counted = { at: start, column: 1 };
  }

  /** Follows the line ends within a literal. */
  #countLines(end: number): void {
    for (let at = this.#source.indexOf('\n', this.#at); at >= 0 && at < end; at = this.#source.indexOf('\n', at + 1)) {
      this.#line += 1;
      this.#counted = { at: at + 1, column: 1 };
    }
  }

  #position(): Position {
    let { at, column } = this.#counted;
    // Columns count characters; the second half of a pair is none of its own.
    for (; at < this.#at; at++) {
      if ((this.#source.charCodeAt(at) & 0xfc00) !== 0xdc00) column += 1;
    }
    this.#counted = { at, column };
    return { line: this.#line, column };
  }

  #add(kind: TokenKind, text: string, value?: Token['value']): void {
    const token = { kind, position: this.#position(), text };
    this.#tokens.push(value === undefined ? token : { ...token, value });
  }

  #error(reason: string, position: Position = this.#position()): StarlarkSyntaxError {
    return new StarlarkSyntaxError(this.#file, position, reason);
  }
}

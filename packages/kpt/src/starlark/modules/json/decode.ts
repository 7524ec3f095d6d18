import type { Arguments } from '../../builtins/arguments.ts';
import { sizes } from '../../limits.ts';
import { checkDigits, normalize } from '../../operators/integers.ts';
import { Dict } from '../../values/dict.ts';
import { Float } from '../../values/float.ts';
import { List } from '../../values/list.ts';
import type { Value } from '../../values/value.ts';

/** The value that a JSON text stands for: numbers without point and exponent are ints. */
export function decodeJson(text: string, args: Arguments): Value {
  return new Decoder(text, args).decode();
}

const numberText = /-?[0-9+\-.eE]*/y;
const validNumber = /^-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;
const plainText = /[^"\\\u0000-\u001f]*/y;

class Decoder {
  readonly #text: string;
  readonly #args: Arguments;
  #at = 0;
  #depth = 0;

  constructor(text: string, args: Arguments) {
    this.#text = text;
    this.#args = args;
  }

  decode(): Value {
    this.#args.budget.step(this.#text.length);
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) throw this.#error(`unexpected character ${this.#shown()} after value`);
    return value;
  }

  #value(): Value {
    this.#space();
    this.#args.budget.elements(1);
    const character = this.#text[this.#at];
    if (character === '"') return this.#string();
    if (character === '[') return this.#nested(() => this.#array());
    if (character === '{') return this.#nested(() => this.#object());
    if (character !== undefined && /[-0-9]/.test(character)) return this.#number();
    for (const [word, value] of [
      ['null', null],
      ['true', true],
      ['false', false],
    ] as const) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    throw this.#unexpected();
  }

  #nested(read: () => Value): Value {
    this.#depth += 1;
    this.#args.budget.nesting(this.#depth);
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #array(): Value {
    this.#args.budget.allocate(sizes.list);
    const items: Value[] = [];
    this.#at += 1;
    if (this.#accept(']')) return new List(items);
    for (;;) {
      items.push(this.#value());
      if (this.#accept(']')) return new List(items);
      if (!this.#accept(',')) throw this.#wanted("',' or ']'", '');
    }
  }

  #object(): Value {
    this.#args.budget.allocate(sizes.table);
    const dict = new Dict();
    this.#at += 1;
    if (this.#accept('}')) return dict;
    for (;;) {
      this.#space();
      if (this.#text[this.#at] !== '"') throw this.#unexpected();
      const key = this.#string();
      if (!this.#accept(':')) throw this.#wanted("':'", 'after object key, ');
      dict.set(key, this.#value(), this.#args.budget);
      if (this.#accept('}')) return dict;
      if (!this.#accept(',')) throw this.#wanted("',' or '}'", 'in object, ');
    }
  }

  #number(): Value {
    numberText.lastIndex = this.#at;
    const text = numberText.exec(this.#text)?.[0] ?? '';
    const match = validNumber.exec(text);
    if (match === null) throw this.#error(`invalid number: ${text.slice(0, 100)}`);
    this.#at += text.length;
    if (match[1] !== undefined || match[2] !== undefined) {
      const value = Number(text);
      if (!Number.isFinite(value)) throw this.#error(`floating-point number too large: ${text.slice(0, 100)}`);
      return new Float(value);
    }
    checkDigits(text);
    return normalize(BigInt(text));
  }

  #string(): string {
    const start = this.#at;
    let result = '';
    this.#at += 1;
    for (;;) {
      plainText.lastIndex = this.#at;
      const plain = plainText.exec(this.#text)?.[0] ?? '';
      result += plain;
      this.#at += plain.length;
      const character = this.#text[this.#at];
      if (character === '"') break;
      if (character !== '\\') {
        const reason =
          character === undefined ? 'unclosed string literal' : `invalid character ${this.#shown()} in string literal`;
        throw this.#error(reason);
      }
      result += this.#escape();
    }
    this.#at += 1;
    this.#args.budget.text(this.#at - start);
    return result.toWellFormed();
  }

  #escape(): string {
    const [, simple, code] =
      /^\\(?:(["\\/bfnrt])|u([0-9a-fA-F]{4}))/.exec(this.#text.slice(this.#at, this.#at + 6)) ?? [];
    if (code !== undefined) {
      this.#at += 6;
      return String.fromCharCode(Number.parseInt(code, 16));
    }
    if (simple === undefined) {
      this.#at += 1;
      throw this.#error(`invalid character ${this.#shown()} in string escape code`);
    }
    this.#at += 2;
    return ({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' } as Readonly<Record<string, string>>)[simple] ?? simple;
  }

  #space(): void {
    while (/[ \t\r\n]/.test(this.#text.charAt(this.#at))) this.#at += 1;
  }

  #accept(character: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #shown(): string {
    const code = this.#text.codePointAt(this.#at);
    return code === undefined ? 'end of file' : `'${String.fromCodePoint(code)}'`;
  }

  #unexpected(): Error {
    if (this.#at >= this.#text.length) return this.#error('unexpected end of file');
    return this.#error(`unexpected character ${this.#shown()}`);
  }

  #wanted(wanted: string, place: string): Error {
    if (this.#at >= this.#text.length) return this.#error('unexpected end of file');
    return this.#error(`${place}got ${this.#shown()}, want ${wanted}`);
  }

  #error(reason: string): Error {
    return this.#args.error(`at offset ${this.#at}, ${reason}`);
  }
}

import { repr, str } from '../../values/repr.ts';
import type { Value } from '../../values/value.ts';
import type { Arguments } from '../arguments.ts';
import type { Method } from '../method-table.ts';

/** The method that fills in `{}`. */
export const formatMethods = {
  format: (text, args) => new Template(text, args).fill(),
} satisfies Readonly<Record<string, Method<string>>>;

class Template {
  readonly #text: string;
  readonly #args: Arguments;
  readonly #parts: string[] = [];
  #numbering: 'automatic' | 'manual' | undefined;
  #next = 0;

  constructor(text: string, args: Arguments) {
    this.#text = text;
    this.#args = args;
  }

  fill(): string {
    const brace = /[{}]/g;
    let at = 0;
    for (let match = brace.exec(this.#text); match !== null; match = brace.exec(this.#text)) {
      this.#add(this.#text.slice(at, match.index));
      at = match.index;
      const character = this.#text.charAt(at);
      if (this.#text[at + 1] === character) {
        this.#add(character);
        at += 2;
      } else if (character === '}') {
        throw this.#args.error("single '}' in format");
      } else {
        at = this.#field(at + 1);
      }
      brace.lastIndex = at;
    }
    this.#add(this.#text.slice(at));
    return this.#parts.join('');
  }

  #add(text: string): void {
    this.#args.budget.step(1);
    this.#args.budget.text(text.length);
    this.#parts.push(text);
  }

  /** Reads a field after its brace. @returns the place after it */
  #field(start: number): number {
    const end = this.#text.indexOf('}', start);
    if (end < 0) throw this.#args.error("unmatched '{' in format");
    const field = this.#text.slice(start, end);
    if (field.includes('{')) throw this.#args.error('nested replacement fields not supported');
    const [, name = '', conversion, spec] = /^([^!:]*)(?:!([^:]*))?(?::(.*))?$/s.exec(field) ?? [];
    const convert = this.#conversion(conversion);
    if (spec) throw this.#args.error('format spec features not supported in replacement fields');
    this.#add(convert(this.#value(name), this.#args.budget));
    return end + 1;
  }

  #conversion(conversion: string | undefined): typeof str {
    if (conversion === undefined || conversion === 's') return str;
    if (conversion === 'r') return repr;
    throw this.#args.error(`unknown conversion "${conversion}"`);
  }

  #value(name: string): Value {
    if (name === '') {
      this.#number('automatic');
      return this.#positional(this.#next++);
    }
    if (/^\d+$/.test(name)) {
      this.#number('manual');
      return this.#positional(Number(name));
    }
    const found = this.#args.named.find(([given]) => given === name)?.[1];
    if (found !== undefined) return found;
    if (name.includes('.'))
      throw this.#args.error(`attribute syntax x.y is not supported in replacement fields: ${name}`);
    if (name.includes('['))
      throw this.#args.error(`element syntax a[i] is not supported in replacement fields: ${name}`);
    throw this.#args.error(`keyword ${name} not found`);
  }

  #number(way: 'automatic' | 'manual'): void {
    if (this.#numbering !== undefined && this.#numbering !== way) {
      const [from, to] = [this.#numbering, way].map((one) =>
        one === 'manual' ? 'manual field specification' : 'automatic field numbering',
      );
      throw this.#args.error(`cannot switch from ${from} to ${to}`);
    }
    this.#numbering = way;
  }

  #positional(index: number): Value {
    const value = this.#args.positional[index];
    if (value === undefined) throw this.#args.error('tuple index out of range');
    return value;
  }
}

import type { Arguments } from '../../builtins/arguments.ts';
import { sizes } from '../../limits.ts';
import { compareStrings } from '../../operators/order.ts';
import { Dict } from '../../values/dict.ts';
import { Float } from '../../values/float.ts';
import { formatFloat } from '../../values/format-float.ts';
import { intText } from '../../values/repr.ts';
import { Struct } from '../../values/struct.ts';
import { textChunks } from '../../values/text-chunks.ts';
import { type StarlarkObject, typeName, type Value } from '../../values/value.ts';

/** A value as JSON on one line, keys sorted. */
export function encodeJson(value: Value, args: Arguments): string {
  return new Encoder(args).encode(value);
}

class Encoder {
  readonly #args: Arguments;
  readonly #open = new Set<StarlarkObject>();
  readonly #parts: string[] = [];
  /** Where the value stands that is being written, for messages. */
  readonly #path: string[] = [];

  constructor(args: Arguments) {
    this.#args = args;
  }

  encode(value: Value): string {
    this.#value(value);
    return this.#parts.join('');
  }

  #add(text: string): void {
    this.#args.budget.text(text.length);
    this.#parts.push(text);
  }

  #value(value: Value): void {
    this.#args.budget.step(8);
    if (typeof value === 'string') return this.#string(value);
    if (value === null || typeof value === 'boolean') return this.#add(String(value));
    if (typeof value !== 'object') return this.#add(intText(value, this.#args.budget));
    if (value instanceof Float) {
      if (!Number.isFinite(value.value))
        throw this.#error(`cannot encode non-finite float ${formatFloat(value.value)}`);
      return this.#add(formatFloat(value.value));
    }
    if (this.#open.has(value)) throw this.#error('cycle in JSON structure');
    this.#args.budget.nesting(this.#open.size);
    this.#open.add(value);
    this.#container(value);
    this.#open.delete(value);
  }

  #string(text: string): void {
    this.#add('"');
    for (const chunk of textChunks(text)) this.#add(JSON.stringify(chunk.toWellFormed()).slice(1, -1));
    this.#add('"');
  }

  #container(value: StarlarkObject): void {
    if (value instanceof Dict) {
      const entries = Array.from(value.entries(), ([key, element]): [string, Value] => {
        this.#args.budget.allocate(sizes.entry);
        if (typeof key !== 'string') throw this.#error(`dict has ${typeName(key)} key, want string`);
        return [key, element];
      });
      return this.#object(entries, (key) => `in dict key ${JSON.stringify(key)}`);
    }
    if (value instanceof Struct && value.type === 'struct')
      return this.#object([...value.fields], (key) => `in field .${key}`);
    const elements = value.iterate();
    if (elements === undefined) throw this.#error(`cannot encode ${value.type} as JSON`);
    this.#add('[');
    let index = 0;
    for (const element of elements) {
      if (index > 0) this.#add(',');
      this.#within(`at ${value.type} index ${index}`, element);
      index += 1;
    }
    this.#add(']');
  }

  #object(entries: [string, Value][], place: (key: string) => string): void {
    entries.sort(([a], [b]) => compareStrings(a, b, this.#args.budget));
    this.#add('{');
    for (const [index, [key, element]] of entries.entries()) {
      if (index > 0) this.#add(',');
      this.#string(key);
      this.#add(':');
      this.#within(place(key), element);
    }
    this.#add('}');
  }

  #within(place: string, value: Value): void {
    this.#path.push(place);
    this.#value(value);
    this.#path.pop();
  }

  #error(reason: string): Error {
    return this.#args.error([...this.#path.slice(0, 20), reason].join(': '));
  }
}

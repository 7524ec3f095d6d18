import { StarlarkError } from '../errors.ts';
import type { Budget } from '../limits.ts';
import { Dict } from './dict.ts';
import { Float } from './float.ts';
import { List } from './list.ts';
import { intText } from './repr.ts';
import { StarlarkSet } from './set.ts';
import { Struct } from './struct.ts';
import { Tuple } from './tuple.ts';
import { isInt, type StarlarkObject, typeName, type Value } from './value.ts';

/** Data without behaviour, as files hold it. */
export type Plain = string | number | bigint | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

const lineFeed = 0x0a;
const apostrophe = 0x27;

/**
 * A value as data: sequences as arrays, dicts and structs as objects with their keys sorted, moments as texts (RFC 3339).
 *
 * @throws StarlarkError for functions and other values that files cannot hold, with the path to them
 */
export function toPlain(value: Value, budget: Budget): Plain {
  return new Conversion(budget).convert(value, '');
}

/** The text that a key of a dict has in a file. @throws StarlarkError for keys that have none */
export function keyText(key: Value, path: string, budget: Budget): string {
  if (typeof key === 'string') return key.toWellFormed();
  if (isInt(key)) return intText(key, budget);
  if (typeof key === 'boolean') return String(key);
  throw new StarlarkError(`${path === '' ? '' : `${path}: `}a dict has a key of type ${typeName(key)}, want string`);
}

/** The path to an element of a value, for messages. */
function childPath(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}

class Conversion {
  readonly #budget: Budget;
  readonly #open = new Set<StarlarkObject>();

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  convert(value: Value, path: string): Plain {
    this.#budget.elements(8);
    if (typeof value === 'string') {
      this.#count(value);
      return value.toWellFormed();
    }
    if (typeof value === 'bigint') this.#count(intText(value, this.#budget));
    if (value === null || typeof value !== 'object') return value;
    if (value instanceof Float) return value.value;
    const text = value.fileText();
    if (text !== undefined) return text;
    const where = path === '' ? '' : `${path}: `;
    if (this.#open.has(value)) throw new StarlarkError(`${where}the ${value.type} holds itself`);
    this.#budget.nesting(this.#open.size);
    this.#open.add(value);
    const result = this.#container(value, path);
    this.#open.delete(value);
    if (result === undefined) throw new StarlarkError(`${where}a ${value.type} cannot stand in a file`);
    return result;
  }

  #container(value: StarlarkObject, path: string): Plain | undefined {
    if (value instanceof Dict) return this.#object([...value.entries()], path);
    if (value instanceof Struct && value.type === 'struct') return this.#object([...value.fields], path);
    const isSequence =
      value instanceof List || value instanceof Tuple || value instanceof StarlarkSet || value.type === 'range';
    const elements = isSequence ? value.iterate() : undefined;
    return elements && Array.from(elements, (element, index) => this.convert(element, childPath(path, index)));
  }

  #object(entries: readonly (readonly [Value, Value])[], path: string): Plain {
    const texts = entries.map(([key, value]): [string, Value] => [keyText(key, path, this.#budget), value]);
    for (const [key] of texts) this.#count(key);
    texts.sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(texts.map(([key, value]) => [key, this.convert(value, childPath(path, key))]));
  }

  /** Accounts for a text that is going to be written: several times over, each time cut at its line ends and quotes. */
  #count(text: string): void {
    this.#budget.step(text.length >>> 3);
    this.#budget.allocate(8 * text.length + 64 * cutsIn(text));
  }
}

function cutsIn(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === lineFeed || code === apostrophe) count += 1;
  }
  return count;
}

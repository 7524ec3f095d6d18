import type { Budget } from '../limits.ts';
import { escapeText, quote } from './quote.ts';
import { textChunks } from './text-chunks.ts';
import type { StarlarkObject, Value } from './value.ts';

/** Collects the text of a value; notices values that hold themselves. */
export class ReprWriter {
  readonly budget: Budget;
  readonly #parts: string[] = [];
  readonly #open = new Set<StarlarkObject>();

  constructor(budget: Budget) {
    this.budget = budget;
  }

  /** Adds text as it is. */
  text(text: string): void {
    this.budget.text(text.length);
    this.#parts.push(text);
  }

  /** Adds what `repr` says of a value. */
  value(value: Value): void {
    this.budget.step(4);
    if (typeof value === 'string') this.#string(value);
    else if (value === null) this.text('None');
    else if (typeof value === 'boolean') this.text(value ? 'True' : 'False');
    else if (typeof value !== 'object') this.text(intText(value, this.budget));
    else value.write(this);
  }

  #string(text: string): void {
    if (text.length < 1024) return this.text(quote(text));
    this.text('"');
    for (const chunk of textChunks(text)) this.text(escapeText(chunk));
    this.text('"');
  }

  /** Adds values with commas between them. */
  list(values: Iterable<Value>): void {
    let first = true;
    for (const value of values) {
      if (!first) this.text(', ');
      first = false;
      this.value(value);
    }
  }

  /** Writes a value that holds others, or a stand-in where it is being written already. */
  container(value: StarlarkObject, standIn: string, write: () => void): void {
    if (this.#open.has(value)) return this.text(standIn);
    this.budget.nesting(this.#open.size);
    this.#open.add(value);
    write();
    this.#open.delete(value);
  }

  toString(): string {
    return this.#parts.join('');
  }
}

/** What `repr(x)` says. */
export function repr(value: Value, budget: Budget): string {
  const writer = new ReprWriter(budget);
  writer.value(value);
  return writer.toString();
}

/** What `str(x)` says: strings as they are, all else like `repr`. */
export function str(value: Value, budget: Budget): string {
  return typeof value === 'string' ? value : repr(value, budget);
}

/** The decimal digits of an int. */
export function intText(value: number | bigint, budget: Budget): string {
  const text = value.toString();
  // Finding the digits of a huge int takes longer than writing them.
  budget.step(text.length + Math.trunc(text.length ** 2 / 2048));
  return text;
}

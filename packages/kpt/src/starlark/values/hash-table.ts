import { StarlarkError } from '../errors.ts';
import type { Budget } from '../limits.ts';
import { hashKey } from './hash-key.ts';
import type { Value } from './value.ts';

/** A key of a table and what it stands for. */
export type Entry = [key: Value, value: Value];

/** What dicts and sets are made of: keys in the order they were first added. */
export class HashTable {
  readonly #entries = new Map<unknown, Entry>();
  #frozen = false;
  #loops = 0;
  /** How many entries have been removed; looking for the first may have to step over as many. */
  #removed = 0;

  get size(): number {
    return this.#entries.size;
  }

  entries(): IterableIterator<Entry> {
    return this.#entries.values();
  }

  get(key: Value, budget: Budget): Value | undefined {
    return this.#entries.get(hashKey(key, budget))?.[1];
  }

  has(key: Value, budget: Budget): boolean {
    return this.#entries.has(hashKey(key, budget));
  }

  set(key: Value, value: Value, budget: Budget): void {
    this.checkMutable('insert into');
    const hash = hashKey(key, budget);
    const entry = this.#entries.get(hash);
    if (entry !== undefined) {
      entry[1] = value;
      return;
    }
    budget.allocate(64);
    this.#entries.set(hash, [key, value]);
  }

  /** @returns what the key stood for; undefined where it was not there */
  delete(key: Value, budget: Budget): Value | undefined {
    this.checkMutable('delete from');
    const hash = hashKey(key, budget);
    const entry = this.#entries.get(hash);
    if (this.#entries.delete(hash)) this.#removed += 1;
    return entry?.[1];
  }

  /** Takes out the entry that has been there longest; undefined where there is none. */
  shift(budget: Budget): Entry | undefined {
    this.checkMutable('delete from');
    budget.step(this.#removed >>> 2);
    for (const [hash, entry] of this.#entries) {
      this.#entries.delete(hash);
      this.#removed += 1;
      return entry;
    }
    this.#removed = 0;
    return undefined;
  }

  clear(): void {
    this.checkMutable('clear');
    this.#entries.clear();
    this.#removed = 0;
  }

  freeze(): void {
    this.#frozen = true;
  }

  holdStill(still: boolean): void {
    this.#loops += still ? 1 : -1;
  }

  /** @throws StarlarkError when the table is frozen or a loop runs over it */
  checkMutable(verb: string): void {
    if (this.#frozen) throw new StarlarkError(`cannot ${verb} frozen hash table`);
    if (this.#loops > 0) throw new StarlarkError(`cannot ${verb} hash table during iteration`);
  }
}

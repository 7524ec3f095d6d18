import { StarlarkError } from '../errors.ts';
import { type Budget, sizes } from '../limits.ts';
import { hashKey } from './hash-key.ts';
import type { Value } from './value.ts';

/** A key of a table and what it stands for. */
export type Entry = [key: Value, value: Value];

/** What dicts and sets are made of: keys in the order they were first added. */
export class HashTable {
  readonly #entries = new Map<unknown, Entry>();
  #frozen = false;
  #loops = 0;
  /** Stands before the entry that has been there longest: what it has passed is always taken out. */
  #oldest: IterableIterator<[unknown, Entry]> | undefined;

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
    budget.allocate(sizes.entry);
    this.#entries.set(hash, [key, value]);
  }

  /** @returns what the key stood for; undefined where it was not there */
  delete(key: Value, budget: Budget): Value | undefined {
    this.checkMutable('delete from');
    const hash = hashKey(key, budget);
    const entry = this.#entries.get(hash);
    this.#entries.delete(hash);
    return entry?.[1];
  }

  /** Takes out the entry that has been there longest; undefined where there is none. */
  shift(): Entry | undefined {
    this.checkMutable('delete from');
    // Looking from the start each time would step over all that has been taken out.
    this.#oldest ??= this.#entries.entries();
    const { value, done } = this.#oldest.next();
    if (done === true) {
      this.#oldest = undefined;
      return undefined;
    }
    const [hash, entry] = value;
    this.#entries.delete(hash);
    return entry;
  }

  clear(): void {
    this.checkMutable('clear');
    this.#entries.clear();
    this.#oldest = undefined;
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

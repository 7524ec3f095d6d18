import { type Budget, sizes } from '../limits.ts';
import { type Entry, HashTable } from './hash-table.ts';
import type { ReprWriter } from './repr.ts';
import { StarlarkObject, type Value } from './value.ts';

/** A mapping that keeps the order in which keys were added. */
export class Dict extends StarlarkObject {
  override readonly type = 'dict';
  readonly table = new HashTable();

  /** A dict of these entries; for values of the host. */
  static of(entries: Iterable<readonly [Value, Value]>, budget: Budget): Dict {
    budget.allocate(sizes.table);
    const dict = new Dict();
    for (const [key, value] of entries) dict.set(key, value, budget);
    return dict;
  }

  override get truth(): boolean {
    return this.table.size > 0;
  }

  override get length(): number {
    return this.table.size;
  }

  entries(): IterableIterator<Entry> {
    return this.table.entries();
  }

  get(key: Value, budget: Budget): Value | undefined {
    return this.table.get(key, budget);
  }

  set(key: Value, value: Value, budget: Budget): void {
    this.table.set(key, value, budget);
  }

  override *iterate(): Generator<Value> {
    for (const [key] of this.table.entries()) yield key;
  }

  override holdStill(still: boolean): void {
    this.table.holdStill(still);
  }

  override *freeze(): Generator<Value> {
    if (this.#isFrozen) return;
    this.#isFrozen = true;
    this.table.freeze();
    for (const [, value] of this.table.entries()) yield value;
  }

  #isFrozen = false;

  override write(writer: ReprWriter): void {
    writer.container(this, '{...}', () => {
      writer.text('{');
      let first = true;
      for (const [key, value] of this.table.entries()) {
        if (!first) writer.text(', ');
        first = false;
        writer.value(key);
        writer.text(': ');
        writer.value(value);
      }
      writer.text('}');
    });
  }
}

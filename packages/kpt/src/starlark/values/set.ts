import { type Budget, sizes } from '../limits.ts';
import { HashTable } from './hash-table.ts';
import type { ReprWriter } from './repr.ts';
import { StarlarkObject, type Value } from './value.ts';

/** A set that keeps the order in which elements were added. */
export class StarlarkSet extends StarlarkObject {
  override readonly type = 'set';
  readonly table = new HashTable();

  static of(elements: Iterable<Value>, budget: Budget): StarlarkSet {
    budget.allocate(sizes.table);
    const set = new StarlarkSet();
    for (const element of elements) set.add(element, budget);
    return set;
  }

  override get truth(): boolean {
    return this.table.size > 0;
  }

  override get length(): number {
    return this.table.size;
  }

  add(element: Value, budget: Budget): void {
    budget.step(1);
    this.table.set(element, true, budget);
  }

  has(element: Value, budget: Budget): boolean {
    return this.table.has(element, budget);
  }

  override *iterate(): Generator<Value> {
    for (const [element] of this.table.entries()) yield element;
  }

  override holdStill(still: boolean): void {
    this.table.holdStill(still);
  }

  override freeze(): Iterable<Value> {
    this.table.freeze();
    return [];
  }

  override write(writer: ReprWriter): void {
    if (this.table.size === 0) return writer.text('set([])');
    writer.container(this, 'set(...)', () => {
      writer.text('set([');
      writer.list(this.iterate());
      writer.text('])');
    });
  }
}

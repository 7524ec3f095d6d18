import type { Budget } from '../limits.ts';
import { compositeKey } from './hash-key.ts';
import type { ReprWriter } from './repr.ts';
import { StarlarkObject, type Value } from './value.ts';

/** A sequence that never changes. */
export class Tuple extends StarlarkObject {
  override readonly type = 'tuple';
  readonly items: readonly Value[];

  constructor(items: readonly Value[]) {
    super();
    this.items = items;
  }

  override get truth(): boolean {
    return this.items.length > 0;
  }

  override get length(): number {
    return this.items.length;
  }

  override iterate(): Iterable<Value> {
    return this.items;
  }

  override freeze(): Iterable<Value> {
    if (this.#isFrozen) return [];
    this.#isFrozen = true;
    return this.items;
  }

  #isFrozen = false;

  override hashKey(budget: Budget, depth: number): unknown {
    return compositeKey('t', this.items, budget, depth);
  }

  override write(writer: ReprWriter): void {
    writer.container(this, '(...)', () => {
      writer.text('(');
      writer.list(this.items);
      writer.text(this.items.length === 1 ? ',)' : ')');
    });
  }
}

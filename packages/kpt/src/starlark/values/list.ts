import { StarlarkError } from '../errors.ts';
import type { ReprWriter } from './repr.ts';
import { StarlarkObject, type Value } from './value.ts';

/** A list, the sequence that can change. */
export class List extends StarlarkObject {
  override readonly type = 'list';
  /** To be changed only after `checkMutable`. */
  items: Value[];
  #frozen = false;
  #loops = 0;

  constructor(items: Value[]) {
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

  override holdStill(still: boolean): void {
    this.#loops += still ? 1 : -1;
  }

  override freeze(): Iterable<Value> {
    if (this.#frozen) return [];
    this.#frozen = true;
    return this.items;
  }

  /** @throws StarlarkError when the list is frozen or a loop runs over it */
  checkMutable(verb: string): void {
    if (this.#frozen) throw new StarlarkError(`cannot ${verb} frozen list`);
    if (this.#loops > 0) throw new StarlarkError(`cannot ${verb} list during iteration`);
  }

  override write(writer: ReprWriter): void {
    writer.container(this, '[...]', () => {
      writer.text('[');
      writer.list(this.items);
      writer.text(']');
    });
  }
}

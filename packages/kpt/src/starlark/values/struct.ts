import { UnhashableError } from '../errors.ts';
import type { Budget } from '../limits.ts';
import { compositeKey } from './hash-key.ts';
import type { ReprWriter } from './repr.ts';
import { StarlarkObject, type Value } from './value.ts';

/** A value with named fields that never change. */
export class Struct extends StarlarkObject {
  override readonly type: string = 'struct';
  readonly fields: ReadonlyMap<string, Value>;

  constructor(fields: Readonly<Record<string, Value>>) {
    super();
    this.fields = new Map(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  override freeze(): Iterable<Value> {
    if (this.#isFrozen) return [];
    this.#isFrozen = true;
    return this.fields.values();
  }

  #isFrozen = false;

  override attribute(name: string): Value | undefined {
    return this.fields.get(name);
  }

  override attributeNames(): readonly string[] {
    return [...this.fields.keys()];
  }

  override hashKey(budget: Budget, depth: number): unknown {
    return compositeKey('f', [...this.fields].flat(), budget, depth);
  }

  override equals(other: StarlarkObject, same: (a: Value, b: Value) => boolean): boolean {
    if (!(other instanceof Struct) || other.fields.size !== this.fields.size) return false;
    return [...this.fields].every(([name, value]) => {
      const theirs = other.fields.get(name);
      return theirs !== undefined && same(value, theirs);
    });
  }

  override write(writer: ReprWriter): void {
    writer.container(this, 'struct(...)', () => {
      writer.text('struct(');
      let first = true;
      for (const [name, value] of this.fields) {
        writer.text(first ? `${name} = ` : `, ${name} = `);
        first = false;
        writer.value(value);
      }
      writer.text(')');
    });
  }
}

/** What `load` gives: the functions of a library under one name. */
export class Module extends Struct {
  override readonly type = 'module';
  readonly name: string;

  constructor(name: string, members: Readonly<Record<string, Value>>) {
    super(members);
    this.name = name;
  }

  override hashKey(): unknown {
    throw new UnhashableError(this.type);
  }

  override equals(other: StarlarkObject): boolean {
    return this === other;
  }

  override write(writer: ReprWriter): void {
    writer.text(`<module "${this.name}">`);
  }
}

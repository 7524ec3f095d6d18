import type { ReprWriter } from './repr.ts';
import { StarlarkObject, type Value } from './value.ts';

/** Which parts of a string are gone through, and how they are given. */
export type ElementKind = 'elems' | 'elem_ords' | 'codepoints' | 'codepoint_ords';

/** The parts of a string one by one. Strings themselves are not iterable. */
export class StringElements extends StarlarkObject {
  override readonly type: string;
  readonly source: string;
  readonly kind: ElementKind;

  constructor(source: string, kind: ElementKind) {
    super();
    this.source = source;
    this.kind = kind;
    this.type = kind.startsWith('elem') ? 'string.elems' : 'string.codepoints';
  }

  override get truth(): boolean {
    return this.source !== '';
  }

  override get length(): number | undefined {
    return this.type === 'string.elems' ? this.source.length : undefined;
  }

  /** One element of `elems` or `elem_ords`. */
  at(index: number): Value {
    return this.kind === 'elems' ? this.source.charAt(index) : this.source.charCodeAt(index);
  }

  override *iterate(): Generator<Value> {
    if (this.type === 'string.elems') {
      for (let index = 0; index < this.source.length; index++) yield this.at(index);
      return;
    }
    for (const character of this.source) {
      yield this.kind === 'codepoints' ? character : (character.codePointAt(0) ?? 0);
    }
  }

  override write(writer: ReprWriter): void {
    writer.value(this.source);
    writer.text(`.${this.kind}()`);
  }
}

import { formatFloat } from './format-float.ts';
import type { ReprWriter } from './repr.ts';
import { StarlarkObject } from './value.ts';

/** A floating-point number. */
export class Float extends StarlarkObject {
  override readonly type = 'float';
  readonly value: number;

  constructor(value: number) {
    super();
    this.value = value;
  }

  override get truth(): boolean {
    return this.value !== 0;
  }

  override write(writer: ReprWriter): void {
    writer.text(formatFloat(this.value));
  }

  override hashKey(): unknown {
    const { value } = this;
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(value) : value;
  }
}

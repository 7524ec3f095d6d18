import type { ReprWriter } from './repr.ts';
import { StarlarkObject, type Value } from './value.ts';

/** The ints from a start towards a stop, which is not among them, that `range` gives. */
export class Range extends StarlarkObject {
  override readonly type = 'range';
  readonly start: number;
  readonly stop: number;
  readonly step: number;
  readonly #length: number;

  constructor(start: number, stop: number, step: number) {
    super();
    this.start = start;
    this.stop = stop;
    this.step = step;
    this.#length = Math.max(0, Math.ceil((stop - start) / step));
  }

  override get truth(): boolean {
    return this.#length > 0;
  }

  override get length(): number {
    return this.#length;
  }

  /** The element at a position that there is. */
  at(index: number): number {
    return this.start + index * this.step;
  }

  includes(value: number): boolean {
    const index = (value - this.start) / this.step;
    return Number.isInteger(index) && index >= 0 && index < this.#length;
  }

  /** The range of the elements from one position towards another. */
  slice(from: number, to: number, step: number): Range {
    return new Range(this.at(from), this.at(to), this.step * step);
  }

  override *iterate(): Generator<Value> {
    for (let index = 0; index < this.#length; index++) yield this.at(index);
  }

  override equals(other: StarlarkObject): boolean {
    if (!(other instanceof Range) || other.#length !== this.#length) return false;
    return this.#length === 0 || (this.start === other.start && (this.#length === 1 || this.step === other.step));
  }

  override write(writer: ReprWriter): void {
    const { start, stop, step } = this;
    if (step !== 1) writer.text(`range(${start}, ${stop}, ${step})`);
    else writer.text(start === 0 ? `range(${stop})` : `range(${start}, ${stop})`);
  }
}

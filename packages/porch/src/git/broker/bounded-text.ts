/**
 * Text of unknown length in bounded memory: the beginning and the end are kept.
 */

/** Keeps at most the given number of bytes, half of them from the beginning. */
export class BoundedText {
  readonly #half: number;
  #head: Buffer = Buffer.alloc(0);
  #tail: Buffer = Buffer.alloc(0);
  #dropped = 0;

  constructor(maxBytes: number) {
    this.#half = Math.floor(maxBytes / 2);
  }

  /** Adds bytes. */
  append(chunk: Buffer): void {
    const room = this.#half - this.#head.length;
    if (room > 0) this.#head = Buffer.concat([this.#head, chunk.subarray(0, room)]);
    const rest = chunk.subarray(Math.max(room, 0));
    if (rest.length === 0) return;
    const tail = Buffer.concat([this.#tail, rest]);
    const excess = Math.max(tail.length - this.#half, 0);
    this.#dropped += excess;
    this.#tail = tail.subarray(excess);
  }

  /** The text, with a note where some was left out. */
  toString(): string {
    const gap = this.#dropped === 0 ? '' : `\n[${this.#dropped} bytes left out]\n`;
    return `${this.#head.toString()}${gap}${this.#tail.toString()}`;
  }
}

/** Output of known greatest length, however small its pieces are: each of them kept for itself would take many times its size. */
export class OutputBuffer {
  readonly #mostBytes: number;
  #bytes = new Uint8Array(4096);
  #size = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Adds a copy of the bytes; false where there is no room for them. */
  append(chunk: Uint8Array): boolean {
    const size = this.#size + chunk.length;
    if (size > this.#mostBytes) return false;
    if (size > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(size, Math.min(2 * this.#bytes.length, this.#mostBytes)));
      larger.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.#size);
    this.#size = size;
    return true;
  }

  /** All that was added. */
  contents(): Uint8Array {
    return this.#bytes.slice(0, this.#size);
  }
}

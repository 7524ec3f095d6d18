/** Shorter pieces are copied together, in bytes. */
const blockBytes = 16 * 1024;

/**
 * Bytes that come in pieces. A client may send them one by one, and each piece takes hundreds of bytes in memory beside its own and
 * what it is a part of: short ones are copied together.
 */
export class GatheredBytes {
  readonly #pieces: Buffer[] = [];
  /** What is left of the block that short pieces are copied to. */
  #room: Buffer = Buffer.alloc(0);
  /** What was copied to it since the last piece. */
  #copied = 0;

  add(piece: Buffer): void {
    if (this.#pieces.length === 0 || piece.length >= blockBytes) {
      this.#seal();
      this.#pieces.push(piece);
      return;
    }
    const taken = piece.copy(this.#room, this.#copied);
    this.#copied += taken;
    if (taken === piece.length) return;
    this.#seal();
    this.#room = Buffer.allocUnsafeSlow(blockBytes);
    this.#copied = piece.copy(this.#room, 0, taken);
  }

  /** All of them, in the order in which they came. */
  take(): Buffer {
    this.#seal();
    const [first] = this.#pieces;
    return this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces);
  }

  #seal(): void {
    if (this.#copied > 0) this.#pieces.push(this.#room.subarray(0, this.#copied));
    this.#room = this.#room.subarray(this.#copied);
    this.#copied = 0;
  }
}

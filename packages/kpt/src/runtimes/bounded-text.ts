/** Most bytes of what a function writes to standard error that are kept. */
export const mostStderrBytes = 64 << 10;

/** Room for the note of what was left out. */
const noteBytes = 64;

/**
 * Text of unknown length in bounded memory. Of a long one the beginning and the end are kept, where the reason of a failure usually
 * stands, with a note between them of how many bytes were left out. Takes bytes in UTF-8, and cuts no character in two.
 */
export class BoundedText {
  readonly #mostBytes: number;
  readonly #half: number;
  readonly #enough: number;
  /** The beginning of the text, and after that as much as is known of its end; pieces of their own would take more than their bytes. */
  #head = new Uint8Array();
  #tail = new Uint8Array();
  #headSize = 0;
  #tailSize = 0;
  #size = 0;

  /** `mostBytes`: of the whole text, with the note. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
    this.#half = Math.floor((mostBytes - noteBytes) / 2);
    this.#enough = mostBytes - this.#half;
  }

  /** Adds a copy of the bytes. */
  append(chunk: Uint8Array): void {
    this.#size += chunk.length;
    const head = chunk.subarray(0, this.#half - this.#headSize);
    this.#head = withRoom(this.#head, this.#headSize + head.length, this.#half);
    this.#head.set(head, this.#headSize);
    this.#headSize += head.length;
    const rest = chunk.subarray(head.length).subarray(-this.#enough);
    if (rest.length === 0) return;
    if (this.#tailSize + rest.length > 2 * this.#enough) {
      this.#tail.copyWithin(0, this.#tailSize - this.#enough, this.#tailSize);
      this.#tailSize = this.#enough;
    }
    this.#tail = withRoom(this.#tail, this.#tailSize + rest.length, 2 * this.#enough);
    this.#tail.set(rest, this.#tailSize);
    this.#tailSize += rest.length;
  }

  toString(): string {
    const head = Buffer.from(this.#head.buffer, 0, this.#headSize);
    const tail = Buffer.from(this.#tail.buffer, 0, this.#tailSize);
    if (this.#size <= this.#mostBytes) return Buffer.concat([head, tail]).toString();
    // What is left of a character that the end of the head cuts is not printed.
    const begin = new TextDecoder().decode(head, { stream: true });
    let from = tail.length - this.#half;
    while (isContinuation(tail[from])) from += 1;
    const end = tail.subarray(from);
    const leftOut = this.#size - Buffer.byteLength(begin) - end.length;
    return `${begin}\n[${leftOut} bytes left out]\n${end.toString()}`;
  }
}

/** The same bytes, with room for `size` of them and for no more than `most`. */
function withRoom(bytes: Uint8Array<ArrayBuffer>, size: number, most: number): Uint8Array<ArrayBuffer> {
  if (size <= bytes.length) return bytes;
  const larger = new Uint8Array(Math.min(most, Math.max(size, 2 * bytes.length, 256)));
  larger.set(bytes);
  return larger;
}

/** The same for a text that is there already. */
export function boundedText(text: string, mostBytes: number): string {
  const bounded = new BoundedText(mostBytes);
  bounded.append(Buffer.from(text));
  return bounded.toString();
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

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
  readonly #head: Uint8Array[] = [];
  readonly #tail: Uint8Array[] = [];
  #headSize = 0;
  #tailSize = 0;
  #size = 0;

  /** `mostBytes`: of the whole text, with the note. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
    this.#half = Math.floor((mostBytes - noteBytes) / 2);
  }

  /** Adds bytes, which must not be changed afterwards. */
  append(chunk: Uint8Array): void {
    this.#size += chunk.length;
    const head = chunk.subarray(0, this.#half - this.#headSize);
    const rest = chunk.subarray(head.length);
    if (head.length > 0) this.#head.push(head);
    this.#headSize += head.length;
    if (rest.length > 0) this.#tail.push(rest);
    this.#tailSize += rest.length;
    const enough = this.#mostBytes - this.#half;
    for (
      let [first] = this.#tail;
      first !== undefined && this.#tailSize - first.length >= enough;
      [first] = this.#tail
    ) {
      this.#tail.shift();
      this.#tailSize -= first.length;
    }
  }

  toString(): string {
    const [head, tail] = [Buffer.concat(this.#head), Buffer.concat(this.#tail)];
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

/** The same for a text that is there already. */
export function boundedText(text: string, mostBytes: number): string {
  const bounded = new BoundedText(mostBytes);
  bounded.append(Buffer.from(text));
  return bounded.toString();
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/**
 * Reads what `git cat-file --batch-command` writes: a header line for each request, and contents where they were asked for.
 */

/** An answer of cat-file. */
export type CatFileAnswer =
  | { readonly type: 'missing' }
  | { readonly type: 'too-large'; readonly id: string; readonly objectType: string; readonly size: number }
  | {
      readonly type: 'object';
      readonly id: string;
      readonly objectType: string;
      readonly size: number;
      readonly bytes: Buffer;
    };

const NEWLINE = 0x0a;
const EMPTY = Buffer.alloc(0);

/** Turns pieces of output into answers, in order. Contents are copied; larger ones than allowed are skipped, not kept. */
export class CatFileParser {
  readonly #mostBytes: (objectType: string) => number | undefined;
  readonly #onAnswer: (answer: CatFileAnswer) => void;
  #line: Buffer = EMPTY;
  #body:
    | {
        readonly id: string;
        readonly objectType: string;
        readonly size: number;
        readonly bytes: Buffer | undefined;
        at: number;
      }
    | undefined;

  /** `mostBytes` tells how large contents the request wants that is answered next; undefined where it asked for none. */
  constructor(mostBytes: (objectType: string) => number | undefined, onAnswer: (answer: CatFileAnswer) => void) {
    this.#mostBytes = mostBytes;
    this.#onAnswer = onAnswer;
  }

  /** Takes the next piece. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) at = this.#body === undefined ? this.#header(chunk, at) : this.#contents(chunk, at);
  }

  #header(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(NEWLINE, at);
    if (end < 0) {
      this.#line = Buffer.concat([this.#line, chunk.subarray(at)]);
      return chunk.length;
    }
    const line = this.#line.toString('latin1') + chunk.toString('latin1', at, end);
    this.#line = EMPTY;
    // What was asked for may have blanks in it.
    if (line.endsWith(' missing')) {
      this.#onAnswer({ type: 'missing' });
      return end + 1;
    }
    const [id = '', objectType = '', sizeText] = line.split(' ');
    if (sizeText === undefined) throw new Error(`git cat-file wrote an unexpected line: ${line.slice(0, 100)}`);
    const size = Number(sizeText);
    const most = this.#mostBytes(objectType);
    if (most === undefined) this.#onAnswer({ type: 'object', id, objectType, size, bytes: EMPTY });
    else this.#body = { id, objectType, size, bytes: size <= most ? Buffer.allocUnsafe(size) : undefined, at: 0 };
    return end + 1;
  }

  #contents(chunk: Buffer, at: number): number {
    const body = this.#body;
    if (body === undefined) return at;
    const end = Math.min(chunk.length, at + body.size - body.at);
    if (body.bytes !== undefined) chunk.copy(body.bytes, body.at, at, end);
    body.at += end - at;
    if (body.at < body.size || end === chunk.length) return end;
    // The line break after the contents.
    this.#body = undefined;
    const { id, objectType, size, bytes } = body;
    const what = { id, objectType, size };
    this.#onAnswer(bytes === undefined ? { type: 'too-large', ...what } : { type: 'object', ...what, bytes });
    return end + 1;
  }
}

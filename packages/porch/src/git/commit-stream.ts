import { decodeCommit } from './object-format.ts';
import type { CommitInfo } from './types.ts';

/** Blanks that stand before each line of a message. */
const indentation = '    ';
const ID_LENGTH = 40;
/** More of one commit is not kept: nobody writes so much, and in a pack a few kilobytes stand for gigabytes of the same letter. */
const MOST_BYTES = 1 << 20;

/**
 * Reads what `git rev-list --header` writes: for each commit its id in a line, and the commit as Git stores it, with its message indented,
 * up to a byte of zero. Of a commit of more than 1 MiB only the beginning is read.
 */
export class CommitStream {
  readonly #onCommit: (commit: CommitInfo) => void;
  /** The beginning of a commit whose end has not come. */
  #begun: Buffer[] = [];
  #begunBytes = 0;

  constructor(onCommit: (commit: CommitInfo) => void) {
    this.#onCommit = onCommit;
  }

  /** Takes the next piece; what is kept of it is copied. @throws Error for what is not a commit */
  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(0); end >= 0; end = chunk.indexOf(0, start)) {
      const rest = this.#kept(chunk.subarray(start, end));
      this.#commit(this.#begun.length === 0 ? rest : Buffer.concat([...this.#begun, rest]));
      this.#begun = [];
      this.#begunBytes = 0;
      start = end + 1;
    }
    const rest = this.#kept(chunk.subarray(start));
    if (rest.length === 0) return;
    this.#begun.push(Buffer.from(rest));
    this.#begunBytes += rest.length;
  }

  #kept(piece: Buffer): Buffer {
    return piece.subarray(0, MOST_BYTES - this.#begunBytes);
  }

  #commit(bytes: Buffer): void {
    const id = bytes.toString('latin1', 0, ID_LENGTH);
    const commit = decodeCommit(id, bytes, ID_LENGTH + 1);
    this.#onCommit({ ...commit, message: unindented(commit.message) });
  }
}

function unindented(message: string): string {
  const first = message.startsWith(indentation) ? message.slice(indentation.length) : message;
  const text = first.replaceAll(`\n${indentation}`, '\n');
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}

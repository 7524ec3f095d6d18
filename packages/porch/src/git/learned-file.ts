/**
 * A file of facts that are only ever added: what cannot change needs no database. It is made of lines, each a checksum and a JSON array
 * of facts; what follows the first line that is not whole was being written when the machine went down, and is cut off.
 */

import { createHash } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { isMissingFile } from './broker/system-errors.ts';

/** Facts of one line; between two lines others have their turn. */
const FACTS_OF_LINE = 200;

/** Facts of one kind of file, in the order in which they were added. All methods must be called one after the other. */
export class LearnedFile<Fact> {
  readonly #path: string;
  readonly #header: string;
  /** Length of what is whole, in bytes; undefined until the file was read. */
  #whole: number | undefined;

  /** `format` changes whenever facts of before would be misunderstood; a file of another format is written anew. */
  constructor(path: string, format: string) {
    this.#path = path;
    this.#header = `${format}\n`;
  }

  /** Hands over all facts, some at a time. @throws Error when the file is there and cannot be read */
  async read(take: (facts: readonly Fact[]) => Promise<void>): Promise<void> {
    const text = await this.#text();
    this.#whole = 0;
    if (!text.startsWith(this.#header)) return;
    let start = this.#header.length;
    for (let end = text.indexOf('\n', start); end >= 0; end = text.indexOf('\n', start)) {
      const json = text.slice(start + CHECKSUM_LENGTH, end);
      if (checksum(json) !== text.slice(start, start + CHECKSUM_LENGTH)) break;
      await take(JSON.parse(json) as Fact[]);
      await setImmediate();
      start = end + 1;
    }
    this.#whole = Buffer.byteLength(text.slice(0, start));
  }

  /** Adds facts. @throws Error when they cannot be written; they may then be added again */
  async add(facts: readonly Fact[]): Promise<void> {
    if (this.#whole === undefined) throw new Error(`${this.#path} has not been read`);
    const file = await open(this.#path, this.#whole === 0 ? 'w' : 'r+', 0o600);
    try {
      await file.truncate(this.#whole);
      let position = this.#whole;
      for await (const bytes of this.#lines(facts, position === 0)) {
        await file.write(bytes, 0, bytes.length, position);
        position += bytes.length;
      }
      this.#whole = position;
    } finally {
      await file.close();
    }
  }

  /** Puts other facts in place of all. */
  async replace(facts: readonly Fact[]): Promise<void> {
    const unfinished = `${this.#path}.new`;
    const file = await open(unfinished, 'w', 0o600);
    let length = 0;
    try {
      for await (const bytes of this.#lines(facts, true)) {
        await file.write(bytes);
        length += bytes.length;
      }
    } finally {
      await file.close();
    }
    await rename(unfinished, this.#path);
    this.#whole = length;
  }

  async *#lines(facts: readonly Fact[], withHeader: boolean): AsyncGenerator<Buffer> {
    if (withHeader) yield Buffer.from(this.#header);
    for (let start = 0; start < facts.length; start += FACTS_OF_LINE) {
      const json = JSON.stringify(facts.slice(start, start + FACTS_OF_LINE));
      yield Buffer.from(`${checksum(json)}${json}\n`);
      await setImmediate();
    }
  }

  async #text(): Promise<string> {
    try {
      return await readFile(this.#path, 'utf8');
    } catch (error) {
      if (isMissingFile(error)) return '';
      throw error;
    }
  }
}

const CHECKSUM_LENGTH = 16;

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, CHECKSUM_LENGTH);
}

/** How much of what a script prints is kept, in characters. */
const limit = 32 * 1024;

/** What a script prints, up to a limit. */
export class PrintedText {
  readonly #lines: string[] = [];
  #length = 0;

  add(line: string): void {
    const room = limit - this.#length;
    if (room < 0) return;
    this.#length += line.length + 1;
    this.#lines.push(line.length <= room ? line.toWellFormed() : `${line.slice(0, room).toWellFormed()} ... (cut)`);
  }

  toString(): string {
    return this.#lines.join('\n');
  }
}

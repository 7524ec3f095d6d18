import { turns } from '@porch/apiserver';

const linesAtOnce = 200;

/** Lines for a process, some at a time: others have their turn while thousands are made. */
export async function* inputLines<T>(items: readonly T[], lineOf: (item: T) => string): AsyncGenerator<Buffer> {
  for (let start = 0; start < items.length; start += linesAtOnce) {
    if (turns.over) await turns.next();
    const lines = items.slice(start, start + linesAtOnce).map((item) => `${lineOf(item)}\n`);
    yield Buffer.from(lines.join(''));
  }
}

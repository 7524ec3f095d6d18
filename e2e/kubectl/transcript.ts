/** One command of a transcript, and what it printed. */
export interface Step {
  /** Line of the transcript, for messages. */
  readonly line: number;
  readonly command: string;
  readonly stdin: string | undefined;
  /** Whether it is to fail. */
  readonly fails: boolean;
  /** Minor versions of kubectl that run it. */
  readonly least: number;
  readonly most: number;
  /** Standard output and standard error together, line by line. */
  readonly output: readonly string[];
}

const head = /^(?<mark>[$!])(?: \[(?<least>\d+)?-(?<most>\d+)?\])? kubectl (?<command>.*?)(?<stdin> <<EOF)?$/;

/**
 * Reads a transcript. A command begins with `$`, or with `!` when it is to fail; `[32-]` and `[-31]` after that say which minor versions of
 * kubectl run it; `<<EOF` gives it the lines up to `EOF`. What follows is its output, up to an empty line: `<*>` stands for anything within
 * a line, and a line `...` for any number of lines. Lines that begin with `#` are remarks.
 */
export function parseTranscript(text: string): Step[] {
  const lines = text.split('\n');
  const steps: Step[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line === '' || line.startsWith('#')) continue;
    const groups = head.exec(line)?.groups;
    if (groups === undefined) throw new Error(`line ${at + 1} of the transcript is no command: ${line}`);
    const start = at + 1;
    const stdin: string[] = [];
    if (groups['stdin'] !== undefined) {
      for (at++; lines[at] !== 'EOF'; at++) {
        const input = lines[at];
        if (input === undefined) throw new Error(`the input of line ${start} has no end`);
        stdin.push(`${input}\n`);
      }
    }
    const output: string[] = [];
    for (let next = lines[at + 1]; next !== undefined && next !== ''; next = lines[at + 1]) {
      output.push(next);
      at++;
    }
    steps.push({
      line: start,
      command: groups['command'] ?? '',
      stdin: groups['stdin'] === undefined ? undefined : stdin.join(''),
      fails: groups['mark'] === '!',
      least: Number(groups['least'] ?? 0),
      most: Number(groups['most'] ?? Number.POSITIVE_INFINITY),
      output,
    });
  }
  return steps;
}

/** Words of a command line: separated by spaces, with single quotes around those that have some. */
export function wordsOf(command: string): string[] {
  return [...command.matchAll(/(?:[^\s']+|'[^']*')+/g)].map(([word]) => word.replaceAll("'", ''));
}

const folded = (line: string): string => line.trim().replace(/\s+/g, ' ');

function fits(pattern: string, line: string): boolean {
  const parts = folded(pattern)
    .split('<*>')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(folded(line));
}

/** Whether an output is the expected one. White space counts once, however much of it there is. */
export function outputFits(expected: readonly string[], output: readonly string[]): boolean {
  const [pattern, ...patterns] = expected;
  if (pattern === undefined) return output.length === 0;
  if (pattern === '...') {
    return output.some((_, skipped) => outputFits(patterns, output.slice(skipped))) || outputFits(patterns, []);
  }
  const [line, ...rest] = output;
  return line !== undefined && fits(pattern, line) && outputFits(patterns, rest);
}

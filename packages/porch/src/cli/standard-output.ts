import { setImmediate as turn } from 'node:timers/promises';

/**
 * Waits until everything that was written to a stream has been taken: a process that exits before loses what a slow reader of its pipe
 * has not read. A reader that is gone takes nothing more, and is not waited for.
 */
export async function flushed(stream: Pick<NodeJS.WriteStream, 'write' | 'writableLength'>): Promise<void> {
  if (stream.writableLength > 0) await new Promise<void>((resolve) => stream.write('', () => resolve()));
  // What has gone wrong is told later than the writer.
  await turn();
}

/** The exit code of programs that SIGPIPE ends: 128 and its number. */
const brokenPipeExitCode = 141;

/** Commands that work for others: what becomes of what they print is nothing to them. */
const servers: ReadonlySet<string> = new Set(['serve', 'controllers', 'function-runner']);

/**
 * Ends the process where what it prints cannot be written: without a word when nobody reads it any further, as in `porch ... | head`, and
 * with an error when there is no room for it, as on a full disk. Messages that cannot be written end nothing: files may be half replaced.
 * A server goes on without either.
 * @param command - the first word of the command line
 */
export function endWhenUnwritable(
  { stdout, stderr, exit }: Pick<NodeJS.Process, 'stdout' | 'stderr' | 'exit'>,
  command = '',
): void {
  stdout.on('error', (error) => {
    if (servers.has(command)) return;
    if ('code' in error && error.code === 'EPIPE') exit(brokenPipeExitCode);
    stderr.write(`porch: standard output cannot be written: ${error.message}\n`);
    exit(1);
  });
  stderr.on('error', () => undefined);
}

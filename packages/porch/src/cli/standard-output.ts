/**
 * Waits until everything that was written to a stream has been taken: a process that exits before loses what a slow reader of its pipe
 * has not read. A reader that is gone takes nothing more, and is not waited for.
 */
export function flushed(stream: Pick<NodeJS.WriteStream, 'write'>): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

/** The exit code of programs that SIGPIPE ends: 128 and its number. */
const brokenPipeExitCode = 141;

/** Commands that work for others: whether somebody reads what they print is nothing to them. */
const servers: ReadonlySet<string> = new Set(['serve', 'controllers', 'function-runner']);

/**
 * Ends the process without a word when nobody reads its output any further, as in `porch ... | head`. A server goes on.
 * @param command - the first word of the command line
 */
export function endWithoutReader({ stdout, exit }: Pick<NodeJS.Process, 'stdout' | 'exit'>, command = ''): void {
  stdout.on('error', (error) => {
    if (!('code' in error && error.code === 'EPIPE')) throw error;
    if (!servers.has(command)) exit(brokenPipeExitCode);
  });
}

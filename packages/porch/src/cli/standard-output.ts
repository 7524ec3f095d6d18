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

/** Ends the process without a word when nobody reads its output any further, as in `porch ... | head`. */
export function endWithoutReader({ stdout, exit }: Pick<NodeJS.Process, 'stdout' | 'exit'>): void {
  stdout.on('error', (error) => {
    if ('code' in error && error.code === 'EPIPE') exit(brokenPipeExitCode);
    throw error;
  });
}

import { setImmediate as turn } from 'node:timers/promises';
import type { Writing } from '@porch/kpt';
import { exitCodeOf, listenForStop } from './stop-signals.ts';

/** What the command is run with. */
export interface InterruptibleParts {
  readonly process: NodeJS.Process;
  /** Says what an interruption has left. */
  readonly say: (text: string) => void;
}

class Interruption extends Error {}

/**
 * Runs a command that signals end at once, but for while it writes: then the first one is told to what writes, and a later one ends the
 * process. Gives the exit code: that of the command, or of the signal.
 */
export async function interruptible(
  { process, say }: InterruptibleParts,
  command: (writing: Writing) => Promise<number>,
): Promise<number> {
  let cause: string | undefined;
  const writing: Writing = async (write) => {
    const signals = listenForStop(process, () => performance.now());
    const stop = new AbortController();
    void signals.stopped.then((signal) => {
      cause = signal;
      stop.abort(new Interruption(signal));
    });
    try {
      const written = await write(stop.signal);
      // A signal that came during the last steps is heard in the next turn.
      await turn();
      return written;
    } finally {
      signals.release();
    }
  };
  try {
    const exitCode = await command(writing);
    if (cause === undefined) return exitCode;
    say('Interrupted when all files were written.\n');
    return exitCodeOf(cause);
  } catch (error) {
    if (!(error instanceof Interruption)) throw error;
    say('Interrupted: no file was changed.\n');
    return exitCodeOf(error.message);
  }
}

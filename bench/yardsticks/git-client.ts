import { type BenchChild, startChild } from '../processes/child.ts';
import type { GitCommand, GitOutcome } from '../processes/git-client.ts';

/**
 * Runs git from a small process of its own, as the measured server does: starting a program costs time in proportion to the memory of who
 * starts it, and that of the benchmark has grown by the time.
 */
export interface GitClient {
  /** Runs a command, one at a time, and gives the milliseconds that it took. @throws Error with what git said, when it fails */
  time(directory: string, ...args: readonly string[]): Promise<number>;
  /** Ends it, after the command that runs. */
  close(): Promise<void>;
}

/** Starts the process. */
export async function startGitClient(): Promise<GitClient> {
  const child: BenchChild<unknown> = await startChild(new URL('../processes/git-client.ts', import.meta.url), {});
  return {
    async time(directory, ...args) {
      const outcome = (await child.ask({ directory, args } satisfies GitCommand)) as GitOutcome;
      if ('error' in outcome) throw new Error(outcome.error);
      return outcome.ms;
    },
    close: () => child.close(),
  };
}

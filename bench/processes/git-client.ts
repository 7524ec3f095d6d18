/** A process that runs git commands one after the other, and says how long each has taken. */
import { plainGit } from '../../e2e/harness/git-command.ts';
import { timed } from '../measure.ts';
import { childReady } from './child.ts';

/** A command, with the directory in which it is run. */
export interface GitCommand {
  readonly directory: string;
  readonly args: readonly string[];
}

/** What came of a command: milliseconds from starting git until it had ended, or what went wrong. */
export type GitOutcome = { readonly ms: number } | { readonly error: string };

let running: Promise<unknown> = Promise.resolve();

async function run({ directory, args }: GitCommand): Promise<GitOutcome> {
  try {
    return { ms: await timed(() => plainGit(directory, args)) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

process.on('message', (command: GitCommand) => {
  running = run(command).then((outcome) => process.connected && process.send?.(outcome));
});
childReady({}, () => running);

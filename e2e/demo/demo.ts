/**
 * A demonstration: a real server, a real Git server with a password, real kubectl, in a temporary directory that is gone
 * afterwards. Prints every command and its output.
 */
import process from 'node:process';
import { Interrupted, listenForInterruption } from './interruption.ts';
import { findPrograms, MissingProgramError } from './programs.ts';
import { setStage } from './stage.ts';
import { play } from './story.ts';

async function main(): Promise<number> {
  const begin = performance.now();
  const signal = listenForInterruption(process);
  try {
    const stage = await setStage(findPrograms(), signal);
    try {
      await play(stage);
    } finally {
      await stage.close();
    }
    const seconds = ((performance.now() - begin) / 1000).toFixed(0);
    process.stdout.write(`\nThat was the whole life of a package, in ${seconds} seconds. Nothing is left behind.\n`);
    return 0;
  } catch (error) {
    const interruption: unknown = signal.aborted ? signal.reason : error;
    if (interruption instanceof Interrupted) {
      process.stderr.write(`\ndemo: ${interruption.message}\n`);
      return interruption.exitCode;
    }
    process.stderr.write(`\ndemo: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof MissingProgramError ? 2 : 1;
  }
}

process.exitCode = await main();

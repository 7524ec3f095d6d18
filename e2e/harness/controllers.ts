import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Exit, PorchProcess } from './server-process.ts';

/** A `porch controllers` that runs. */
export interface Controllers {
  /** `http://127.0.0.1:12345`. */
  readonly address: string;
  /** Ends the process as a crash would. */
  kill(): Promise<void>;
  /** Asks the process to stop, and waits until it has. */
  stop(): Promise<Exit>;
  /** Stops it where it still runs, and removes its directory. */
  close(): Promise<void>;
}

/** Starts the controllers in a process of their own, with the flags that say which database they work on. */
export async function startControllers(flags: readonly string[]): Promise<Controllers> {
  const home = await mkdtemp(join(tmpdir(), 'porch-controllers-'));
  const directory = join(home, 'data');
  const started = new PorchProcess(['controllers', '--data-dir', directory, '--listen', '127.0.0.1:0', ...flags], {
    cwd: home,
  });
  const stop = (): Promise<Exit> => {
    started.child.kill('SIGTERM');
    return started.exited;
  };
  const close = async (): Promise<void> => {
    await stop();
    await rm(home, { recursive: true, force: true });
  };
  try {
    const [, address = ''] = await started.printed(/health is at (\S+)\/readyz/);
    return { address, kill: () => started.kill(directory), stop, close };
  } catch (error) {
    await close();
    throw error;
  }
}

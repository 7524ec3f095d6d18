import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';

/** The environment of a thread that runs functions: nothing of this process's, but for the place where compiled code is kept. */
export function workerEnvironment(): Record<string, string> {
  // Node names the directory of its own version below the one that it was given.
  const directory = getCompileCacheDir();
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: dirname(directory) };
}

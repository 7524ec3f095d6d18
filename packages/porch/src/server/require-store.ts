import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissingFile, isNoDirectory } from '../git/broker/system-errors.ts';
import { StartupError } from './startup-error.ts';
import { systemReason } from './system-reason.ts';

/**
 * For commands that work on what a server has left. `flag` is what the directory was given with.
 * @throws StartupError unless a server has had a store in the directory
 */
export async function requireStore(directory: string, flag = '--data-dir'): Promise<void> {
  try {
    await stat(join(directory, 'store', 'store.db'));
  } catch (error) {
    if (!isMissingFile(error) && !isNoDirectory(error)) {
      throw new StartupError(`the store in ${directory} cannot be read: ${systemReason(error)}`, { cause: error });
    }
    throw new StartupError(
      `${directory} is no data directory of a server: it has no store; give ${flag} the directory that porch serve had`,
      { cause: error },
    );
  }
}

/**
 * For commands that may begin a data directory, and must not begin one in a directory that somebody has mistyped. One that is not there
 * passes, and so does what a volume has when it is new.
 * @throws StartupError where a directory has other things in it than those of a server
 */
export async function requireNothingElse(directory: string): Promise<void> {
  const names = await readdir(directory).catch((error: unknown): string[] => {
    if (isMissingFile(error)) return [];
    throw error;
  });
  if (names.includes('store') || names.every((name) => name === 'lost+found')) return;
  throw new StartupError(
    `${directory} is no data directory of a server: it has other files and no store; give --data-dir the directory that porch serve has`,
  );
}

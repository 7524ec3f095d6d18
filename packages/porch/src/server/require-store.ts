import { stat } from 'node:fs/promises';
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

import { constants, existsSync, type Stats } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory } from '@porch/apiserver';
import { isMissingFile } from '../git/broker/system-errors.ts';
import { storeFile } from './backups/backup-files.ts';
import { StartupError } from './startup-error.ts';
import { systemReason } from './system-reason.ts';

function exposure(directory: string, stats: Stats): string[] {
  // In a pod there is nobody else, and volumes have the permissions that Kubernetes gives them.
  if (process.env['KUBERNETES_SERVICE_HOST'] !== undefined) return [];
  return (stats.mode & 0o077) === 0
    ? []
    : [`data directory ${directory} is open to other users of this machine; run: chmod 700 ${directory}`];
}

/** A server would begin with nothing in a backup, and put its own files among those. */
function requireNoBackup(directory: string): void {
  if (!existsSync(join(directory, storeFile)) || existsSync(join(directory, 'store'))) return;
  throw new Error('it is a backup, which porch restore makes a data directory from');
}

/**
 * Makes the data directory, readable by its owner only, or checks the one that is there. Returns warnings. `flag` is what it was given
 * with.
 * @throws StartupError when it cannot be used
 */
export async function prepareDataDirectory(directory: string, flag = '--data-dir'): Promise<string[]> {
  try {
    await makeDirectory(directory);
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    requireNoBackup(directory);
    return exposure(directory, await stat(directory));
  } catch (error) {
    throw new StartupError(
      `data directory ${directory} cannot be used: ${systemReason(error)}; choose another one with ${flag}`,
      { cause: error },
    );
  }
}

/** The same for commands that make nothing: a directory that is not there passes. @throws StartupError when it cannot be used */
export async function checkDataDirectory(directory: string): Promise<string[]> {
  try {
    await stat(directory);
  } catch (error) {
    if (isMissingFile(error)) return [];
  }
  return await prepareDataDirectory(directory);
}

import { constants, type Stats } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { makeDirectory } from '@porch/apiserver';
import { StartupError } from './startup-error.ts';

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'a file stands where a directory is needed';
    case 'ENOENT':
      return 'no directory can be made there';
    case 'EROFS':
      return 'the file system is read-only';
    case 'ENOSPC':
      return 'the disk is full';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

function exposure(directory: string, stats: Stats): string[] {
  return (stats.mode & 0o077) === 0
    ? []
    : [`data directory ${directory} is open to other users of this machine; run: chmod 700 ${directory}`];
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
    return exposure(directory, await stat(directory));
  } catch (error) {
    throw new StartupError(
      `data directory ${directory} cannot be used: ${reasonOf(error)}; choose another one with ${flag}`,
      { cause: error },
    );
  }
}

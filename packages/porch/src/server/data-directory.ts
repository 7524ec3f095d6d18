import { accessSync, constants, mkdirSync, type Stats, statSync } from 'node:fs';
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
    case 'EROFS':
      return 'the file system is read-only';
    case 'ENOSPC':
      return 'the disk is full';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

function attempt<T>(directory: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new StartupError(
      `data directory ${directory} cannot be used: ${reasonOf(error)}; choose another one with --data-dir`,
      { cause: error },
    );
  }
}

function exposure(directory: string, stats: Stats): string[] {
  return (stats.mode & 0o077) === 0
    ? []
    : [`data directory ${directory} is open to other users of this machine; run: chmod 700 ${directory}`];
}

/**
 * Makes the data directory, readable by its owner only, or checks the one that is there. Returns warnings.
 * @throws StartupError when it cannot be used
 */
export function prepareDataDirectory(directory: string): string[] {
  return attempt(directory, () => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return exposure(directory, statSync(directory));
  });
}

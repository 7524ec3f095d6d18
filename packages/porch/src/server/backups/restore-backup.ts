import { readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { restoreSqliteStore } from '@porch/apiserver';
import { isMissingFile, isNoDirectory } from '../../git/broker/system-errors.ts';
import { prepareDataDirectory } from '../data-directory.ts';
import { openDataFiles } from '../data-files.ts';
import { StartupError } from '../startup-error.ts';
import { besideStore, copyIfThere, storeFile } from './backup-files.ts';

/**
 * Makes a data directory from a backup. The server that is started on it goes on with revisions that nobody has seen, so that no client
 * takes old for new.
 * @throws StartupError when the directory is not empty or cannot be used, or the backup cannot be used; nothing is left in the directory then
 */
export async function restoreBackup(backup: string, dataDirectory: string): Promise<void> {
  const from = resolve(backup);
  const to = resolve(dataDirectory);
  await requireBackup(from);
  await requireEmpty(to);
  try {
    for (const part of besideStore) await copyIfThere(join(from, part), join(to, part));
    const files = await openDataFiles(to);
    await restoreSqliteStore(join(from, storeFile), files.store);
  } catch (error) {
    for (const name of await readdir(to)) await rm(join(to, name), { recursive: true });
    const why = error instanceof Error ? error.message : String(error);
    throw new StartupError(`the backup ${from} cannot be restored: ${why}`, { cause: error });
  }
}

async function requireBackup(path: string): Promise<void> {
  try {
    await stat(join(path, storeFile));
  } catch (error) {
    if (!isMissingFile(error) && !isNoDirectory(error)) throw error;
    throw new StartupError(`${path} is no backup: it has no ${storeFile}; give a folder that --backup-dir has`, {
      cause: error,
    });
  }
}

async function requireEmpty(path: string): Promise<void> {
  await prepareDataDirectory(path);
  if ((await readdir(path)).length > 0) {
    throw new StartupError(`data directory ${path} is not empty; move it away, or choose another one with --data-dir`);
  }
}

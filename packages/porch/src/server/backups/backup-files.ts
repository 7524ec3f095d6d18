import { cp, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory, type Store } from '@porch/apiserver';
import { isMissingFile } from '../../git/broker/system-errors.ts';
import { type DataFiles, isTemporary } from '../data-files.ts';

/** The store in a backup. */
export const storeFile = 'store.db';
/** What a backup has besides, under the names of the data directory. */
export const besideStore = ['pki', 'keys', 'users.json'] as const;

const finished = /^porch-\d{8}T\d{6}Z$/;
const unfinished = '.unfinished-';

/** The name of the backup that is made at a time: names sort by time. */
function backupName(time: Date): string {
  return `porch-${time.toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
}

/** Backups below a directory, oldest first. */
async function listBackups(directory: string): Promise<readonly string[]> {
  return (await readdir(directory)).filter((name) => finished.test(name)).sort();
}

/**
 * Writes a backup below a directory: a copy of the store at one moment, with the keys, certificates and users that belong to it.
 * Whoever has it has everything, Secrets included: it is readable by its owner only. It gets its name when it is complete.
 * @returns its path
 */
export async function writeBackup(
  store: Pick<Store, 'backup'>,
  files: DataFiles,
  directory: string,
  time: Date,
): Promise<string> {
  if (store.backup === undefined) throw new Error('this store is backed up with the tools of its database');
  await makeDirectory(directory);
  await removeUnfinished(directory);
  const name = backupName(time);
  const partial = join(directory, `${unfinished}${name}`);
  await mkdir(partial, { mode: 0o700 });
  try {
    await store.backup(join(partial, storeFile));
    for (const part of besideStore) await copyIfThere(join(files.root, part), join(partial, part));
    await rename(partial, join(directory, name));
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
  return join(directory, name);
}

/** Removes all but the newest backups. Returns the names of those that are gone. */
export async function removeOldBackups(directory: string, keep: number): Promise<readonly string[]> {
  const backups = await listBackups(directory);
  const old = backups.slice(0, Math.max(0, backups.length - keep));
  for (const name of old) await rm(join(directory, name), { recursive: true });
  return old;
}

async function removeUnfinished(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.startsWith(unfinished)) await rm(join(directory, name), { recursive: true });
  }
}

/**
 * Copies a file or folder, with its permissions, unless there is none. Files that are just being written, or were left so, are left out:
 * they are gone in the next moment, and what they were to become is no part of the backup yet.
 */
export async function copyIfThere(from: string, to: string): Promise<void> {
  const filter = (path: string): boolean => !isTemporary(path);
  try {
    await stat(from);
  } catch (error) {
    if (isMissingFile(error)) return;
    throw error;
  }
  await cp(from, to, { recursive: true, errorOnExist: true, force: false, preserveTimestamps: true, filter });
}

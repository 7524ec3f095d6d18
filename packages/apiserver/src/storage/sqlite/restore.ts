import { constants } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { jumpDistance } from '../jump-distance.ts';
import { makeDirectory } from '../make-directory.ts';
import { openDatabase } from './database.ts';
import { readPosition } from './position.ts';
import { prepareStatements } from './statements.ts';

/**
 * Makes the store of a directory from a backup. Clients may have seen revisions that were given out after the backup was made, so the
 * counter jumps, the log begins there, and watches that try to resume are told to list again.
 * @returns the revision from which the store goes on
 * @throws Error when the directory has a store already, or the backup cannot be used; nothing is left behind then
 */
export async function restoreSqliteStore(backup: string, directory: string): Promise<number> {
  await makeDirectory(directory);
  const file = join(directory, 'store.db');
  await copyFile(backup, file, constants.COPYFILE_EXCL);
  try {
    return jump(file);
  } catch (error) {
    for (const suffix of ['', '-wal', '-journal']) await rm(`${file}${suffix}`, { force: true });
    throw error;
  }
}

function jump(file: string): number {
  const database = openDatabase(file);
  try {
    const statements = prepareStatements(database);
    const revision = readPosition(statements).revision + jumpDistance;
    statements.begin.run();
    statements.writeMeta.run('revision', revision);
    statements.writeMeta.run('oldest', revision);
    database.exec('DELETE FROM log');
    statements.commit.run();
    return revision;
  } finally {
    database.close();
  }
}

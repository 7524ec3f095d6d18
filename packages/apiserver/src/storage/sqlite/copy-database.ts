import { open, rm } from 'node:fs/promises';
import { backup, type DatabaseSync } from 'node:sqlite';

/** Pages copied between two looks at what else there is to do: 4 MB. */
const pagesAtOnce = 1024;

/**
 * Copies an open database into a new file, readable by its owner only and synced to disk, as it is when the last pages are copied.
 * @throws Error when the file exists or cannot be written; nothing is left of it then
 */
export async function copyDatabase(database: DatabaseSync, file: string): Promise<void> {
  const created = await open(file, 'wx', 0o600);
  await created.close();
  try {
    await backup(database, file, { rate: pagesAtOnce });
    const copy = await open(file, 'r+');
    await copy.sync();
    await copy.close();
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

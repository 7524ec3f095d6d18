import { open, rm } from 'node:fs/promises';
import { backup, type DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';

/** Pages copied between two looks at what else there is to do: 4 MB. */
const pagesAtOnce = 1024;
/** How often a copy is begun while transactions are under way, which last for a millisecond or a few. */
const beginnings = 10_000;

/**
 * Copies an open database into a new file, readable by its owner only and synced to disk, as it is when the last pages are copied.
 * @throws Error when the file exists or cannot be written; nothing is left of it then
 */
export async function copyDatabase(database: DatabaseSync, file: string): Promise<void> {
  const created = await open(file, 'wx', 0o600);
  await created.close();
  try {
    await copyPages(database, file);
    await using copy = await open(file, 'r+');
    await copy.sync();
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

/**
 * A copy is made in another thread, and SQLite does not begin one in the midst of a transaction of the same connection. Node.js fails
 * then, without an error of SQLite's to tell of; it only waits for transactions that come later.
 */
async function copyPages(database: DatabaseSync, file: string): Promise<void> {
  for (let begun = 1; ; begun++) {
    try {
      await backup(database, file, { rate: pagesAtOnce });
      return;
    } catch (error) {
      if (!wasBusy(error)) throw error;
      if (begun === beginnings)
        throw new Error('a copy could not begin between writes; try again when less is written', { cause: error });
      await setImmediate();
    }
  }
}

function wasBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 0;
}

import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissingFile } from '../../git/broker/system-errors.ts';
import { writePrivateFile } from '../data-files.ts';
import { StartupError } from '../startup-error.ts';

const text = 'A backup was being restored into this directory. Where this file is left, that did not finish.\n';

const noteIn = (directory: string): string => join(directory, 'unfinished-restore');

/** Does what makes a data directory from a backup. Until that is done, a note in the directory keeps servers from starting on a half. */
export async function noted<T>(directory: string, restore: () => Promise<T>): Promise<T> {
  await writePrivateFile(noteIn(directory), text);
  const restored = await restore();
  await rm(noteIn(directory));
  return restored;
}

/** @throws StartupError when a restore into the directory did not finish */
export async function requireFinishedRestore(directory: string): Promise<void> {
  try {
    await stat(noteIn(directory));
  } catch (error) {
    if (isMissingFile(error)) return;
    throw error;
  }
  throw new StartupError(
    `${directory} was being filled by porch restore, which did not finish; empty it, and restore the backup again`,
  );
}

/**
 * Makes the bare repositories of the data directory.
 */

import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissingFile } from './broker/system-errors.ts';

/** What `git init --bare --template=` leaves, which takes it a process: https://git-scm.com/docs/gitrepository-layout. */
const files: Readonly<Record<string, string>> = {
  HEAD: 'ref: refs/heads/main\n',
  config: '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n',
};
const folders = ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags'];

/**
 * Makes an empty bare repository unless it is there. It appears as a whole or not at all; what an attempt that was cut off has left
 * is removed. `description`: what it is for, kept in its `description` file.
 */
export async function makeBareRepository(directory: string, description: string): Promise<void> {
  try {
    await stat(join(directory, 'HEAD'));
    return;
  } catch (error) {
    if (!isMissingFile(error)) throw error;
  }
  const unfinished = `${directory}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  for (const folder of folders) await mkdir(join(unfinished, folder), { recursive: true });
  for (const [name, text] of Object.entries({ ...files, description: `${description}\n` })) {
    await writeFile(join(unfinished, name), text);
  }
  await rm(directory, { recursive: true, force: true });
  await rename(unfinished, directory);
}

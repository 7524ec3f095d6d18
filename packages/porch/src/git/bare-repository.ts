/**
 * Makes the bare repositories of the data directory.
 */

import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitProcesses } from './broker/git-processes.ts';
import { isMissingFile } from './broker/system-errors.ts';
import { commandFailed } from './errors.ts';

/**
 * Makes an empty bare repository unless it is there. It appears as a whole or not at all; what an attempt that was cut off has left
 * is removed. `description`: what it is for, kept in its `description` file.
 * @throws GitError
 */
export async function makeBareRepository(
  processes: GitProcesses,
  directory: string,
  description: string,
): Promise<void> {
  try {
    await stat(join(directory, 'HEAD'));
    return;
  } catch (error) {
    if (!isMissingFile(error)) throw error;
  }
  const unfinished = `${directory}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  const args = ['init', '--quiet', '--bare', '--template=', '--initial-branch=main', '--', unfinished];
  const result = await processes.run({ args });
  if (result.exitCode !== 0) throw commandFailed({ what: `make ${description}` }, result);
  await writeFile(join(unfinished, 'description'), `${description}\n`);
  await rm(directory, { recursive: true, force: true });
  await rename(unfinished, directory);
}

/**
 * What a fetch leaves that was ended in the middle, because it took too long or nobody waited for it any more: the locks of the
 * references that it was about to change, what it had of a pack, and the mark that keeps a pack from being combined with others.
 * Nothing else would remove them before the server is started again.
 */

import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { removeLocksBelow } from './broker/stale-locks.ts';
import { isMissingFile } from './broker/system-errors.ts';
import { GitError } from './types.ts';

/** Commits are written in the same place; none of them takes this long. */
const UNFINISHED_AFTER_MS = 15 * 60_000;

/** Removes it. Only to be called by whoever would fetch next, while nothing else changes the references of the mirror. */
export async function removeLeftByFetch(directory: string): Promise<void> {
  for (const file of ['packed-refs.lock', 'packed-refs.new', 'shallow.lock']) {
    await rm(join(directory, file), { force: true });
  }
  removeLocksBelow(join(directory, 'refs'));
  const packs = join(directory, 'objects', 'pack');
  for (const name of (await readdir(packs)).filter((each) => each.endsWith('.keep'))) {
    if (await isOfFetch(join(packs, name))) await rm(join(packs, name), { force: true });
  }
  await removeUnfinishedPacks(directory);
}

/** Removes what processes that were ended long ago had of packs. */
export async function removeUnfinishedPacks(directory: string): Promise<void> {
  const packs = join(directory, 'objects', 'pack');
  for (const name of (await readdir(packs)).filter((each) => /^\.?tmp[-_]/.test(each))) {
    if (await isOld(join(packs, name))) await rm(join(packs, name), { force: true, recursive: true });
  }
}

/** Whether git could not do its work because of a lock. */
export function isLocked(error: unknown): boolean {
  return error instanceof GitError && /\.(lock|new)': File exists/.test(error.message);
}

/** Such marks name what has made them; others are of commits that are being written. */
function isOfFetch(path: string): Promise<boolean> {
  return unlessMissing(async () => (await readFile(path, 'latin1')).startsWith('fetch-pack '));
}

function isOld(path: string): Promise<boolean> {
  return unlessMissing(async () => Date.now() - (await stat(path)).mtimeMs > UNFINISHED_AFTER_MS);
}

async function unlessMissing(holds: () => Promise<boolean>): Promise<boolean> {
  try {
    return await holds();
  } catch (error) {
    if (isMissingFile(error)) return false;
    throw error;
  }
}

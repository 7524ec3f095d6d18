/**
 * Directories that were made for the life of one server, and that its broker could not remove because it was killed too.
 */

import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { lockIfFree, wasLocked } from './directory-lock.ts';
import { endMarkedProcesses, markerOf } from './marked-processes.ts';

/** Longer than it takes from the making of a directory to the lock in it. */
const youngMs = 10 * 60_000;

/**
 * Removes the directories below `parent` whose names begin with `prefix`, which are this user's, and which nobody holds any more, and ends
 * the processes that were left there. `now` is in milliseconds since 1970. `onFailure` hears of those that cannot be removed.
 */
export async function removeAbandoned(
  parent: string,
  prefix: string,
  now: number,
  onFailure: (directory: string, error: unknown) => void,
): Promise<void> {
  for (const entry of readdirSync(parent, { withFileTypes: true })) {
    if (!entry.isDirectory() || !entry.name.startsWith(prefix)) continue;
    const directory = join(parent, entry.name);
    try {
      await removeIfAbandoned(directory, now);
    } catch (error) {
      // Another broker may have removed it in this moment.
      if (existsSync(directory)) onFailure(directory, error);
    }
  }
}

async function removeIfAbandoned(directory: string, now: number): Promise<void> {
  const { uid, mtimeMs } = statSync(directory);
  if (uid !== process.getuid?.()) return;
  if (!wasLocked(directory) && now - mtimeMs < youngMs) return;
  const lock = lockIfFree(directory);
  if (lock === undefined) return;
  try {
    await endMarkedProcesses(markerOf(directory));
    rmSync(directory, { recursive: true, force: true });
  } finally {
    lock.release();
  }
}

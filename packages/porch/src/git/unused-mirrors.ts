/**
 * Mirrors on disk that may go. A mirror's directory says by its time of modification when it was needed last: git changes it by fetching,
 * and every look at the mirrors that are needed does.
 */

import { readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissingFile } from './broker/system-errors.ts';

/** Ends the name of a directory that is being removed; a mirror is gone at once, however long its files take. */
const GONE = '.gone';

/** Which mirrors may go. */
export interface UnusedMirrorsOptions {
  /** Directory of all mirrors. */
  readonly root: string;
  /** Names of mirrors that are needed. */
  readonly needed: ReadonlySet<string>;
  /** Time of the last use of a mirror in this process, in milliseconds since the epoch; 0 without one. */
  readonly usedAt: (name: string) => number;
  /** How long a mirror stays that is not needed, in milliseconds. */
  readonly unusedMs: number;
}

/** Names of mirrors that were not needed for so long, one after the other; those that are needed are marked so on the way. */
export async function* unusedMirrors({ root, needed, usedAt, unusedMs }: UnusedMirrorsOptions): AsyncGenerator<string> {
  for (const name of await namesIn(root)) {
    if (name.endsWith(GONE)) {
      await rm(join(root, name), { recursive: true, force: true });
      continue;
    }
    try {
      if (needed.has(name)) await utimes(join(root, name), new Date(), new Date());
      else {
        const { mtimeMs } = await stat(join(root, name));
        if (Date.now() - Math.max(mtimeMs, usedAt(name)) > unusedMs) yield name;
      }
    } catch (error) {
      if (!isMissingFile(error)) throw error;
    }
  }
}

/** Removes a mirror that nothing works on, and gives what its description says. What is left by a crash is removed by the next look. */
export async function removeMirror(root: string, name: string): Promise<string> {
  const gone = join(root, `${name}${GONE}`);
  await rm(gone, { recursive: true, force: true });
  await rename(join(root, name), gone);
  const description = await readDescription(gone);
  await rm(gone, { recursive: true, force: true });
  return description ?? name;
}

/** One that was never finished has none. */
async function readDescription(directory: string): Promise<string | undefined> {
  try {
    return (await readFile(join(directory, 'description'), 'utf8')).trim();
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}

async function namesIn(root: string): Promise<readonly string[]> {
  try {
    return await readdir(root);
  } catch (error) {
    if (isMissingFile(error)) return [];
    throw error;
  }
}

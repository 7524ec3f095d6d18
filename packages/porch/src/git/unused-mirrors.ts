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
  /** How long a mirror stays that is not needed, in milliseconds. */
  readonly unusedMs: number;
}

/** Names of mirrors that were not needed for so long, one after the other. Before the first, those that are needed are marked so. */
export async function* unusedMirrors({ root, needed, unusedMs }: UnusedMirrorsOptions): AsyncGenerator<string> {
  const names = (await namesIn(root)).filter((name) => !name.endsWith(GONE));
  const now = new Date();
  for (const name of names.filter((one) => needed.has(one))) {
    await unlessMissing(() => utimes(join(root, name), now, now));
  }
  for (const name of names.filter((one) => !needed.has(one))) {
    const mtimeMs = await unlessMissing(async () => (await stat(join(root, name))).mtimeMs);
    if (mtimeMs !== undefined && now.getTime() - mtimeMs > unusedMs) yield name;
  }
}

/** Removes what a removal that was cut off has left. Gives why what is still there could not be removed. */
export async function removeLeftovers(root: string): Promise<unknown[]> {
  const left = (await namesIn(root)).filter((name) => name.endsWith(GONE));
  const outcomes = await Promise.allSettled(left.map((name) => rm(join(root, name), { recursive: true, force: true })));
  return outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
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
function readDescription(directory: string): Promise<string | undefined> {
  return unlessMissing(async () => (await readFile(join(directory, 'description'), 'utf8')).trim());
}

async function namesIn(root: string): Promise<readonly string[]> {
  return (await unlessMissing(() => readdir(root))) ?? [];
}

async function unlessMissing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}

import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';

/** Which files that were put aside are kept. */
export interface RotationOptions {
  /** How many; 0: all. */
  readonly maxBackups: number;
  /** For how many days; 0: for ever. */
  readonly maxAgeDays: number;
}

const dayMs = 24 * 60 * 60 * 1000;
const stampForm = /^(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\d\.\d{3})(?:-\d+)?$/;

function stampOf(now: Date): string {
  return now.toISOString().slice(0, -1).replaceAll(':', '-');
}

/** When a file was put aside, told from its name; undefined for a file that was not. */
function timeOf(stamp: string): number | undefined {
  const match = stampForm.exec(stamp);
  if (match === null) return undefined;
  const [, day, hour, minute, second] = match;
  const time = Date.parse(`${day}${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/**
 * Puts a file aside under a name with the time, `audit-2026-01-02T03-04-05.678.log`, and removes those that were put aside
 * before and are too many or too old.
 */
export async function rotateFile(path: string, options: RotationOptions, now: Date): Promise<void> {
  const directory = dirname(path);
  const extension = extname(path);
  const prefix = `${basename(path, extension)}-`;
  const backups = async () => {
    const names = await readdir(directory);
    return names.flatMap((name) => {
      if (!name.startsWith(prefix) || !name.endsWith(extension)) return [];
      const time = timeOf(name.slice(prefix.length, name.length - extension.length));
      return time === undefined ? [] : [{ name, time }];
    });
  };
  const stamp = stampOf(now);
  const taken = new Set((await backups()).map(({ name }) => name));
  let name = `${prefix}${stamp}${extension}`;
  for (let number = 1; taken.has(name); number++) name = `${prefix}${stamp}-${number}${extension}`;
  try {
    await rename(path, join(directory, name));
  } catch (error) {
    // Somebody else has put it aside, or removed it; a new one is begun either way.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }

  const known = (await backups()).sort((a, b) => b.time - a.time || (b.name < a.name ? -1 : 1));
  const oldest = options.maxAgeDays === 0 ? Number.NEGATIVE_INFINITY : now.getTime() - options.maxAgeDays * dayMs;
  for (const [index, backup] of known.entries()) {
    const tooMany = options.maxBackups > 0 && index >= options.maxBackups;
    if (tooMany || backup.time < oldest) await rm(join(directory, backup.name), { force: true });
  }
}

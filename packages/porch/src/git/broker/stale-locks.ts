/**
 * Removes what git processes that were killed left in the mirrors: lock files, half-written packs, marks that keep packs, crash reports. Only to be called
 * while no git process can be running there.
 */

import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isMissingFile } from './system-errors.ts';

const REMOVED = /(\.lock|^gc\.pid|^fast_import_crash_\d+)$/;
/** A pack with a mark is never combined with others; git makes it for the moment in which nothing refers to the pack yet. */
const LEFT_OF_PACKS = /^(tmp_|\.tmp-)|\.keep$/;

/** Removes the lock files below a directory. */
export function removeLocksBelow(directory: string): void {
  for (const entry of entriesOf(directory)) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) removeLocksBelow(path);
    else if (entry.name.endsWith('.lock')) rmSync(path, { force: true });
  }
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if (isMissingFile(error)) return [];
    throw error;
  }
}

/** Cleans every repository directly below the directory. A missing directory is fine. */
export function removeStaleLocks(mirrorsDirectory: string): void {
  for (const mirror of entriesOf(mirrorsDirectory)) {
    if (!mirror.isDirectory()) continue;
    const directory = join(mirrorsDirectory, mirror.name);
    for (const entry of entriesOf(directory)) {
      if (entry.isFile() && REMOVED.test(entry.name)) rmSync(join(directory, entry.name), { force: true });
    }
    for (const part of ['refs', join('objects', 'info')]) removeLocksBelow(join(directory, part));
    const packs = join(directory, 'objects', 'pack');
    for (const entry of entriesOf(packs)) {
      if (LEFT_OF_PACKS.test(entry.name)) rmSync(join(packs, entry.name), { force: true, recursive: true });
    }
  }
}

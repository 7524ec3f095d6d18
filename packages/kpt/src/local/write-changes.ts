import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { checkPath, directoryOf } from '../package/package-paths.ts';
import type { FileChange } from './changed-files.ts';
import { LocalError } from './local-error.ts';
import type { PendingFiles } from './pending-files.ts';

/**
 * Adds the changes of a directory to files that are to be written.
 *
 * @throws LocalError where something cannot be written
 * @throws PackageError for a path that leaves the directory
 * @throws the reason of `stop`, once that is given
 */
export async function addChanges(
  files: PendingFiles,
  directory: string,
  changes: readonly FileChange[],
  stop: AbortSignal,
): Promise<void> {
  for (const { path, after } of changes) {
    checkPath(path);
    checkParents(directory, path);
    const target = join(directory, path);
    if (after === undefined) files.remove(target);
    else await files.write(target, after);
    stop.throwIfAborted();
  }
}

/** A link to a directory could lead out of the package. */
function checkParents(root: string, path: string): void {
  for (const parent of parentsOf(path)) {
    const found = lstatSync(join(root, parent), { throwIfNoEntry: false });
    if (found === undefined) return;
    if (found.isDirectory()) continue;
    throw new LocalError(
      `file ${JSON.stringify(join(root, path))} cannot be written: ${JSON.stringify(parent)} is not a directory of the package`,
    );
  }
}

/** The directories of a package that a path leads through, the topmost first. */
function parentsOf(path: string): readonly string[] {
  const parent = directoryOf(path);
  return parent === '' ? [] : [...parentsOf(parent), parent];
}

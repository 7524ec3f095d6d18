import { randomUUID } from 'node:crypto';
import { lstatSync, mkdirSync, renameSync, rmSync, type Stats, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { checkPath, directoryOf } from '../package/package-paths.ts';
import type { FileChange } from './changed-files.ts';
import { LocalError, systemReason } from './local-error.ts';

interface PreparedFile {
  readonly temporary: string;
  readonly target: string;
}

/**
 * Writes changes to a directory. New texts are complete on disk beside their files before the first one takes its place, so a full
 * disk or a missing permission leaves everything as it was, and no file is ever half written. Files keep their permissions.
 *
 * @throws LocalError where something cannot be written
 * @throws PackageError for a path that leaves the directory
 */
export function writeChanges(directory: string, changes: readonly FileChange[]): void {
  const prepared: PreparedFile[] = [];
  let path = directory;
  try {
    for (const change of changes) {
      path = join(directory, change.path);
      checkPath(change.path);
      checkParents(directory, change.path);
      if (change.after !== undefined) prepared.push(prepare(path, change.after));
    }
    for (const { temporary, target } of prepared) {
      path = target;
      renameSync(temporary, target);
    }
    for (const { path: removed, after } of changes) {
      path = join(directory, removed);
      if (after === undefined) rmSync(path, { force: true });
    }
  } catch (error) {
    for (const { temporary } of prepared) rmSync(temporary, { force: true });
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new LocalError(`file ${JSON.stringify(path)} cannot be written: ${systemReason(error)}`, { cause: error });
  }
}

/** A link to a directory could lead out of the package. */
function checkParents(root: string, path: string): void {
  for (let parent = directoryOf(path); parent !== ''; parent = directoryOf(parent)) {
    const found = statOf(join(root, parent));
    if (found === undefined || found.isDirectory()) continue;
    throw new LocalError(
      `file ${JSON.stringify(join(root, path))} cannot be written: ${JSON.stringify(parent)} is not a directory of the package`,
    );
  }
}

function prepare(target: string, text: string): PreparedFile {
  const mode = statOf(target)?.mode;
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`);
  mkdirSync(dirname(target), { recursive: true });
  try {
    writeFileSync(temporary, text, { flag: 'wx', flush: true, ...(mode !== undefined && { mode: mode & 0o777 }) });
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  return { temporary, target };
}

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

import { randomUUID } from 'node:crypto';
import { lstatSync, renameSync, rmdirSync, rmSync, type Stats } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkPath, directoryOf } from '../package/package-paths.ts';
import type { FileChange } from './changed-files.ts';
import { LocalError, systemReason } from './local-error.ts';
import { makeDirectory } from './make-directory.ts';

interface PreparedFile {
  readonly temporary: string;
  readonly target: string;
}

/** What is in the package's directory before the first change. */
interface Preparations {
  readonly files: PreparedFile[];
  /** The deepest first. */
  readonly directories: string[];
}

/**
 * Writes changes to a directory. New texts are complete on disk beside their files before the first one takes its place, so a full
 * disk or a missing permission leaves everything as it was, and no file is ever half written. Files keep their permissions. Until the
 * first text takes its place, `stop` ends it, and leaves everything as it was too.
 *
 * @throws LocalError where something cannot be written
 * @throws PackageError for a path that leaves the directory
 * @throws the reason of `stop`
 */
export async function writeChanges(
  directory: string,
  changes: readonly FileChange[],
  stop?: AbortSignal,
): Promise<void> {
  const prepared: Preparations = { files: [], directories: [] };
  let path = directory;
  try {
    for (const change of changes) {
      path = join(directory, change.path);
      checkPath(change.path);
      checkParents(directory, change.path);
      if (change.after !== undefined) await prepare(prepared, path, change.after);
      stop?.throwIfAborted();
    }
    for (const { temporary, target } of prepared.files) {
      path = target;
      renameSync(temporary, target);
    }
    for (const { path: removed, after } of changes) {
      path = join(directory, removed);
      if (after === undefined) rmSync(path, { force: true });
    }
  } catch (error) {
    undo(prepared);
    if (error === stop?.reason || !(error instanceof Error && 'code' in error)) throw error;
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

async function prepare({ files, directories }: Preparations, target: string, text: string): Promise<void> {
  const mode = statOf(target)?.mode;
  // Not made of the file's name, which may be as long as names can be.
  const temporary = join(dirname(target), `.${randomUUID()}.tmp`);
  directories.unshift(...makeDirectory(dirname(target)));
  files.push({ temporary, target });
  await writeFile(temporary, text, { flag: 'wx', flush: true, ...(mode !== undefined && { mode: mode & 0o777 }) });
}

/** Files that have taken their places stay, and so do the directories that they are in. */
function undo({ files, directories }: Preparations): void {
  for (const { temporary } of files) rmSync(temporary, { force: true });
  for (const directory of directories) {
    try {
      rmdirSync(directory);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOTEMPTY')) throw error;
    }
  }
}

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

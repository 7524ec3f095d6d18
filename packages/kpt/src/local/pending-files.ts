import { randomUUID } from 'node:crypto';
import { accessSync, constants, lstatSync, renameSync, rmdirSync, rmSync, type Stats, statSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LocalError, systemReason } from './local-error.ts';
import { makeDirectory } from './make-directory.ts';

interface PendingFile {
  readonly target: string;
  /** Where the new text is; absent for a file that goes. */
  readonly temporary?: string;
}

/** New texts of files, and files that go, until all of them are ready to take their places. */
export class PendingFiles {
  readonly #files: PendingFile[] = [];
  /** What was made for the files, the deepest first. */
  readonly #directories: string[] = [];

  /**
   * Writes the new text of a file, durably, beside the place that it is to take; directories that are missing are made. A file that is
   * there keeps its permissions.
   * @throws LocalError where it cannot be written
   */
  async write(target: string, text: string): Promise<void> {
    try {
      const mode = checkTarget(target)?.mode;
      // Not made of the file's name, which may be as long as names can be.
      const temporary = join(dirname(target), `.${randomUUID()}.tmp`);
      makeDirectory(dirname(target), (made) => this.#directories.unshift(made));
      this.#files.push({ target, temporary });
      await writeFile(temporary, text, { flag: 'wx', flush: true, ...(mode !== undefined && { mode: mode & 0o777 }) });
      if (mode !== undefined) await setPermissions(temporary, mode & 0o777);
    } catch (error) {
      throw cannotWrite(target, error);
    }
  }

  /** Has a file go when the others take their places. @throws LocalError where it cannot be removed */
  remove(target: string): void {
    attempt(target, () => checkTarget(target));
    this.#files.push({ target });
  }

  /** Puts the texts in their places, and removes what is to go. Nothing is touched unless all can be. @throws LocalError */
  place(): void {
    // Once more: one of the files may need a directory where another one is to be, and others work on the disk as well.
    for (const { target } of this.#files) attempt(target, () => checkTarget(target));
    for (const { target, temporary } of this.#files) {
      if (temporary !== undefined) attempt(target, () => renameSync(temporary, target));
    }
    for (const { target, temporary } of this.#files) {
      if (temporary === undefined) attempt(target, () => rmSync(target, { force: true }));
    }
  }

  /** Removes what was made for files that have not taken their places. */
  undo(): void {
    for (const { temporary } of this.#files) if (temporary !== undefined) rmSync(temporary, { force: true });
    for (const directory of this.#directories) {
      try {
        rmdirSync(directory);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOTEMPTY')) throw error;
      }
    }
  }
}

/**
 * Writes files that belong together: `prepare` adds them, then all take their places. Where something cannot be written, everything is as
 * it was.
 * @throws LocalError where something cannot be written
 * @throws whatever `prepare` throws
 */
export async function writeTogether(prepare: (files: PendingFiles) => Promise<void>): Promise<void> {
  const files = new PendingFiles();
  try {
    await prepare(files);
    files.place();
  } catch (error) {
    files.undo();
    throw error;
  }
}

/** Gives a new file permissions that the process's umask takes from new files. */
async function setPermissions(path: string, permissions: number): Promise<void> {
  // Some file systems have no permissions to be set.
  if ((statSync(path).mode & 0o777) !== permissions) await chmod(path, permissions);
}

/** What is at a path that is to be a file, where there is something. @throws LocalError, or an Error of the operating system */
function checkTarget(target: string): Stats | undefined {
  const found = lstatSync(target, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  if (!found.isFile()) {
    const what = found.isDirectory() ? 'a directory' : 'something that is no regular file';
    throw new LocalError(refusal(target, `${what} stands there; move it away`));
  }
  accessSync(target, constants.W_OK);
  accessSync(dirname(target), constants.W_OK | constants.X_OK);
  return found;
}

function attempt(target: string, work: () => unknown): void {
  try {
    work();
  } catch (error) {
    throw cannotWrite(target, error);
  }
}

function cannotWrite(target: string, error: unknown): unknown {
  if (error instanceof LocalError || !(error instanceof Error && 'code' in error)) return error;
  const isFileAbove = error.code === 'ENOTDIR' || error.code === 'EEXIST';
  const reason = isFileAbove ? 'a file stands where a directory is needed' : systemReason(error);
  return new LocalError(refusal(target, reason), { cause: error });
}

function refusal(target: string, reason: string): string {
  return `file ${JSON.stringify(target)} cannot be written: ${reason}`;
}

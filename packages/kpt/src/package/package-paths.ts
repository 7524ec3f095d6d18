import { PackageError } from '../pipeline/job.ts';

/** Joins a directory (empty for the root) and a path below it. */
export function joinPath(directory: string, path: string): string {
  return directory === '' ? path : `${directory}/${path}`;
}

/** The directory of a path, empty for the root. */
export function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** How a package of the tree is called in messages: `.` for the root, `./db` for one below. */
export function displayPath(directory: string): string {
  return directory === '' ? '.' : `./${directory}`;
}

/** Whether a path names a file below its package and nothing else: relative, no empty, `.` or `..` parts, no `.git`. */
function isSafePath(path: string): boolean {
  if (path === '' || path.includes('\0') || path.includes('\\')) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git');
}

/** @throws PackageError where a path could leave the package */
export function checkPath(path: string): void {
  if (isSafePath(path)) return;
  throw new PackageError(
    `file name ${JSON.stringify(path)} is not allowed: it must be relative to the package, with "/" between its parts, ` +
      'and must contain no empty part, ".", "..", ".git" or backslash',
    path,
  );
}

/** A file that would have to stand below another one, with that other one; undefined where each has its place. */
export function fileBelowFile(
  files: ReadonlyMap<string, unknown>,
): { readonly path: string; readonly parent: string } | undefined {
  for (const path of files.keys()) {
    for (let parent = directoryOf(path); parent !== ''; parent = directoryOf(parent)) {
      if (files.has(parent)) return { path, parent };
    }
  }
  return undefined;
}

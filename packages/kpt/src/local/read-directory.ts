import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PackageFiles } from '../package/files.ts';
import { joinPath } from '../package/package-paths.ts';
import { resourcePaths } from '../package/resource-paths.ts';
import { LocalError, systemReason } from './local-error.ts';

/** What rendering looks at: resources, Kptfiles and rules of what to ignore. */
const packageFile = /^(Kptfile|\.krmignore|.*\.(ya?ml|json))$/;

/**
 * The files of a directory that rendering looks at. Links are not followed, and `.git` is not entered. Files that `.krmignore` hides and
 * that are no text are left out.
 *
 * @throws LocalError where the directory or one of the files cannot be read as text
 */
export function readDirectory(directory: string): PackageFiles {
  const found: Found = { files: new Map(), unreadable: new Map() };
  collect(directory, '', found);
  const { files, unreadable } = found;
  if (unreadable.size === 0) return files;
  for (const path of resourcePaths(files)) {
    const problem = unreadable.get(path);
    if (problem !== undefined) throw problem;
  }
  for (const path of unreadable.keys()) files.delete(path);
  return files;
}

interface Found {
  readonly files: Map<string, string>;
  /** Those of the files that cannot be read as text, and why. */
  readonly unreadable: Map<string, LocalError>;
}

function collect(root: string, path: string, found: Found): void {
  for (const entry of entriesOf(join(root, path))) {
    const child = joinPath(path, entry.name);
    if (entry.isDirectory() && entry.name !== '.git') collect(root, child, found);
    else if (entry.isFile() && packageFile.test(entry.name))
      found.files.set(child, textOf(join(root, child), child, found));
  }
}

function textOf(file: string, path: string, { unreadable }: Found): string {
  try {
    return readText(file);
  } catch (error) {
    if (!(error instanceof LocalError) || file.endsWith('.krmignore')) throw error;
    unreadable.set(path, error);
    return '';
  }
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw new LocalError(`directory ${JSON.stringify(directory)} cannot be read: ${systemReason(error)}`, {
      cause: error,
    });
  }
}

/**
 * The text of a file, byte order mark included.
 *
 * @throws LocalError where it cannot be read, or is no text
 */
export function readText(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new LocalError(`file ${JSON.stringify(path)} cannot be read: ${systemReason(error)}`, { cause: error });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new LocalError(`file ${JSON.stringify(path)} is not UTF-8 text; save it as UTF-8`, { cause: error });
  }
}

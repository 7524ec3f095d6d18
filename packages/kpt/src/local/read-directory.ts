import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PackageFiles } from '../package/files.ts';
import { joinPath } from '../package/package-paths.ts';
import { LocalError, systemReason } from './local-error.ts';

/** What rendering looks at: resources, Kptfiles and rules of what to ignore. */
const packageFile = /^(Kptfile|\.krmignore|.*\.(ya?ml|json))$/;

/**
 * The files of a directory that rendering looks at. Links are not followed, and `.git` is not entered.
 *
 * @throws LocalError where the directory or one of the files cannot be read as text
 */
export function readDirectory(directory: string): PackageFiles {
  const files = new Map<string, string>();
  collect(directory, '', files);
  return files;
}

function collect(root: string, path: string, files: Map<string, string>): void {
  for (const entry of entriesOf(join(root, path))) {
    const child = joinPath(path, entry.name);
    if (entry.isDirectory() && entry.name !== '.git') collect(root, child, files);
    else if (entry.isFile() && packageFile.test(entry.name)) files.set(child, readText(join(root, child)));
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

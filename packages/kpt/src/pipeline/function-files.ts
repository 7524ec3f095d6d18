import { readFileSync, realpathSync, statSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { isResourceFile } from '../package/discover.ts';
import type { PackageFiles } from '../package/files.ts';
import { joinPath } from '../package/package-paths.ts';
import { PackageError } from './job.ts';

/** The largest file of the directory that functions look things up in, in bytes. */
const largestFile = 32 * 1024 * 1024;

/** What the system says of paths that there can be no file at. */
const noFile: readonly string[] = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'];

/** Where functions look things up. */
export interface FunctionFilesOptions {
  readonly files: PackageFiles;
  /** The directory of the rendered package among the files. */
  readonly root: string;
  /** A directory of this machine for what packages do not have themselves; none unless given. */
  readonly directory?: string | undefined;
  /**
   * Called when something was looked at that may be different the next time although all that rendering reads itself is the same: of that
   * directory, there or not, or a file of the package that holds no resources.
   */
  readonly onUnread?: (() => void) | undefined;
}

/** Reads files for the functions of one package, by path relative to it; undefined for a file that there is none of. */
export type ReadFunctionFile = (packagePath: string, path: string) => string | undefined;

/**
 * Reads files of packages, and else of the directory. No path leads out of either, links included. Of a directory that vanishes the
 * files are missing.
 */
export function createFunctionFiles({ files, root, directory, onUnread }: FunctionFilesOptions): ReadFunctionFile {
  return (packagePath, path) => {
    const normal = posix.normalize(path);
    if (normal === '..' || normal.startsWith('../') || normal.startsWith('/') || normal.includes('\0'))
      return undefined;
    const own = files.get(joinPath(joinPath(root, packagePath), normal));
    if (own === undefined ? directory !== undefined : !isResourceFile(normal)) onUnread?.();
    return own === undefined && directory !== undefined ? readBelow(directory, normal) : own;
  };
}

/** @throws PackageError for a file that cannot be read or is too large */
function readBelow(directory: string, path: string): string | undefined {
  try {
    const base = realpathSync(directory);
    const file = realpathSync(join(base, path));
    if (!file.startsWith(base + sep)) return undefined;
    const stat = statSync(file);
    if (!stat.isFile()) return undefined;
    if (stat.size > largestFile) throw new PackageError(`file ${JSON.stringify(path)} is larger than 32 MiB`, path);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    const code = String(error.code);
    if (noFile.includes(code)) return undefined;
    // The message of the system names the directory, which is nobody's business.
    throw new PackageError(`file ${JSON.stringify(path)} cannot be read: ${code}`, path, { cause: error });
  }
}

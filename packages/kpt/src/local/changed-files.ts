import type { PackageFiles } from '../package/files.ts';

/** A file that differs. */
export interface FileChange {
  readonly path: string;
  /** Absent for a file that is new. */
  readonly before?: string;
  /** Absent for a file that goes. */
  readonly after?: string;
}

/** What differs between two versions of a package, by path. */
export function changedFiles(before: PackageFiles, after: PackageFiles): readonly FileChange[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.flatMap((path) => {
    const [old, now] = [before.get(path), after.get(path)];
    if (old === now) return [];
    return [{ path, ...(old !== undefined && { before: old }), ...(now !== undefined && { after: now }) }];
  });
}

import { isScalar } from 'yaml';
import { kptfileName } from '../package/files.ts';
import { baseName, directoryOf, joinPath } from '../package/package-paths.ts';
import { KrmObject } from '../yaml/krm-object.ts';
import type { UpgradeTree } from './upgrade-tree.ts';

/** One package, or subpackage, of any of the three trees, and the files in them that belong to it. */
export interface PackagePart {
  /** Relative to the package that is upgraded; empty for that. */
  readonly directory: string;
  /** Its own files in all the trees, without those of packages below. */
  readonly paths: readonly string[];
}

/** All packages of the trees, those above first. A directory that is a package in one tree counts as one in all. */
export function packageParts(trees: readonly UpgradeTree[]): PackagePart[] {
  const paths = [...new Set(trees.flatMap((tree) => [...tree.files.keys()]))].sort();
  const parts = new Map<string, string[]>([['', []]]);
  for (const path of paths) if (baseName(path) === kptfileName) parts.set(directoryOf(path), []);
  for (const path of paths) {
    let directory = directoryOf(path);
    while (!parts.has(directory)) directory = directoryOf(directory);
    parts.get(directory)?.push(path);
  }
  return [...parts]
    .map(([directory, own]) => ({ directory, paths: own }))
    .sort((a, b) => depth(a.directory) - depth(b.directory) || (a.directory < b.directory ? -1 : 1));
}

function depth(directory: string): number {
  return directory === '' ? 0 : directory.split('/').length;
}

/** Whether a path is that of a directory, or below it. */
export function isWithin(path: string, directory: string): boolean {
  return directory === '' || path === directory || path.startsWith(`${directory}/`);
}

/**
 * Subpackages of the local package that have an upstream of their own. They are upgraded from there, never together with the
 * package that they stand in.
 */
export function dependentDirectories(local: UpgradeTree): string[] {
  return [...local.files]
    .filter(([path, text]) => path !== kptfileName && baseName(path) === kptfileName && text.includes('upstream'))
    .filter(([path]) => {
      const document = local.resources(path)?.find((item) => !item.isEmpty);
      const upstream = document && new KrmObject(document, path).node(['upstream']);
      return upstream !== undefined && !(isScalar(upstream) && upstream.value === null);
    })
    .map(([path]) => directoryOf(path));
}

/** The files of a tree at and below a directory. */
export function filesWithin(tree: UpgradeTree, directory: string): string[] {
  return [...tree.files.keys()].filter((path) => isWithin(path, directory));
}

/** Whether a directory of a tree is a package. */
export function isPackage(tree: UpgradeTree, directory: string): boolean {
  return tree.files.has(joinPath(directory, kptfileName));
}

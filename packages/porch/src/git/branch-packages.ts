import { kptfileName } from '@porch/kpt';
import { forEachOf } from './for-each-of.ts';
import { normalDirectory } from './layout.ts';
import type { Mirror, ObjectId, TreeEntry } from './types.ts';

/** A package in the tree of a commit. */
export interface PackageTree {
  /** Full path. */
  readonly path: string;
  readonly tree: ObjectId;
  /** The blob of its Kptfile. */
  readonly kptfile: ObjectId;
}

/** The Kptfile among the entries of a tree: a regular file, neither a link nor a directory. */
export function kptfileOf(entries: readonly TreeEntry[]): ObjectId | undefined {
  return entries.find((entry) => entry.path === kptfileName && entry.mode.startsWith('100'))?.id;
}

/** What is known already of the trees of a branch. */
export interface KnownTrees {
  /** The Kptfile of a package that has exactly this tree. */
  kptfileOf(path: string, tree: ObjectId): ObjectId | undefined;
  /** Whether a tree holds no package at any depth. */
  isBarren(tree: ObjectId): boolean;
  learnBarren(tree: ObjectId): void;
}

/**
 * All packages of a commit below a directory. A directory with a Kptfile is a package; what is below belongs to it. Only trees
 * that are not known are read.
 */
export async function packagesOfCommit(
  mirror: Mirror,
  commit: ObjectId,
  directory: string | undefined,
  known: KnownTrees,
): Promise<readonly PackageTree[]> {
  const start = normalDirectory(directory);
  const entry = await mirror.entryAt(commit, start);
  if (entry?.type !== 'tree') return [];
  const packages: PackageTree[] = [];
  const inner: { readonly path: string; readonly tree: ObjectId }[] = [];
  let level = [{ path: start, tree: entry.id }];
  while (level.length > 0) {
    const next: typeof level = [];
    await forEachOf(level, async ({ path, tree }) => {
      const before = known.kptfileOf(path, tree);
      if (before !== undefined) return void packages.push({ path, tree, kptfile: before });
      if (known.isBarren(tree)) return;
      const entries = await mirror.listTree(tree);
      const kptfile = kptfileOf(entries);
      if (kptfile !== undefined) return void packages.push({ path, tree, kptfile });
      inner.push({ path, tree });
      for (const child of entries) {
        if (child.type !== 'tree') continue;
        next.push({ path: path === '' ? child.path : `${path}/${child.path}`, tree: child.id });
      }
    });
    level = next;
  }
  learnBarren(packages, inner, known);
  return packages;
}

function learnBarren(
  packages: readonly PackageTree[],
  inner: readonly { readonly path: string; readonly tree: ObjectId }[],
  known: KnownTrees,
): void {
  const fruitful = new Set<string>(['']);
  for (const { path } of packages) {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) fruitful.add(path.slice(0, at));
  }
  for (const { path, tree } of inner) if (!fruitful.has(path)) known.learnBarren(tree);
}

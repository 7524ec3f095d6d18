import { turns } from '@porch/apiserver';
import { kptfileName } from '@porch/kpt';
import { forEachOf } from './for-each-of.ts';
import { normalDirectory } from './layout.ts';
import { TreeBudget, type TreeBudgetOptions } from './tree-budget.ts';
import type { Mirror, ObjectId, TreeEntry } from './types.ts';

/** Far more than people can have a use for; those within packages do not count. */
const directories: TreeBudgetOptions = {
  most: 200_000,
  what: 'directories',
  advice: 'register a directory of the repository that has fewer below it, or take out of the branch what nobody needs',
};

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
 * @throws GitError TooLarge for more directories than can be looked into
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
  const budget = new TreeBudget(directories);
  const packages: PackageTree[] = [];
  const inner: { readonly path: string; readonly tree: ObjectId }[] = [];
  let level = [{ path: start, tree: entry.id }];
  while (level.length > 0) {
    const next: typeof level = [];
    await forEachOf(level, async ({ path, tree }) => {
      if (turns.over) await turns.next();
      const before = known.kptfileOf(path, tree);
      if (before !== undefined) return void packages.push({ path, tree, kptfile: before });
      if (known.isBarren(tree)) return;
      const entries = await mirror.listTree(tree);
      const kptfile = kptfileOf(entries);
      if (kptfile !== undefined) return void packages.push({ path, tree, kptfile });
      inner.push({ path, tree });
      const children = entries.filter(({ type }) => type === 'tree');
      budget.spend(path, children);
      for (const child of children) {
        next.push({ path: path === '' ? child.path : `${path}/${child.path}`, tree: child.id });
      }
    });
    level = next;
  }
  await learnBarren(packages, inner, known);
  return packages;
}

async function learnBarren(
  packages: readonly PackageTree[],
  inner: readonly { readonly path: string; readonly tree: ObjectId }[],
  known: KnownTrees,
): Promise<void> {
  const fruitful = new Set<string>(['']);
  for (const { path } of packages) {
    if (turns.over) await turns.next();
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) fruitful.add(path.slice(0, at));
  }
  for (const { path, tree } of inner) {
    if (turns.over) await turns.next();
    if (!fruitful.has(path)) known.learnBarren(tree);
  }
}

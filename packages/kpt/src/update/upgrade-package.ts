import { editKptfile, moveUpstream } from '../kptfile/edit-kptfile.ts';
import type { KptfileUpstream, KptfileUpstreamLock } from '../kptfile/types.ts';
import { normalizeSource, replaceContext } from '../package/clone-package.ts';
import { kptfileName, type PackageFiles } from '../package/files.ts';
import { fileBelowFile } from '../package/package-paths.ts';
import { PackageError } from '../pipeline/job.ts';
import { CrdShapes } from './crd-shapes.ts';
import { fastForward } from './fast-forward.ts';
import type { Upgrade } from './merge-resources.ts';
import { copyContent, replaceContent } from './replace-content.ts';
import { resourceMerge } from './resource-merge.ts';
import { type Side, UpgradeTree } from './upgrade-tree.ts';

/** How upstream's changes and local ones are brought together; the first is the usual way. */
export const upgradeStrategies = ['resource-merge', 'fast-forward', 'force-delete-replace', 'copy-merge'] as const;

/** One of these ways. */
export type UpgradeStrategy = (typeof upgradeStrategies)[number];

/** What a package is upgraded from and to. */
export interface UpgradeOptions {
  readonly strategy: UpgradeStrategy;
  /** The upstream package that the local one was made from. */
  readonly old: PackageFiles;
  /** The upstream package to move to. */
  readonly updated: PackageFiles;
  /** Where `updated` is, for the Kptfile. */
  readonly upstream: KptfileUpstream;
  readonly lock: KptfileUpstreamLock;
  /** The full name of the local package. */
  readonly name: string;
  /** Given where clones get a package context of their own. */
  readonly deployment?: { readonly packagePath: string };
}

const strategies: Readonly<Record<UpgradeStrategy, (upgrade: Upgrade) => Map<string, string>>> = {
  'resource-merge': resourceMerge,
  'fast-forward': fastForward,
  'force-delete-replace': replaceContent,
  'copy-merge': copyContent,
};

/**
 * Brings a package that was cloned from upstream to a newer state of it. Both upstream packages are read as a clone would have
 * them, with merge keys and package context, so that only real changes count. What did not change keeps every byte.
 *
 * @throws PackageError naming the file, or the files, that stand in the way
 */
export function upgradePackage(files: PackageFiles, options: UpgradeOptions): PackageFiles {
  const old = upstreamTree('old upstream', options.old, options);
  const updated = upstreamTree('new upstream', options.updated, options);
  const local = new UpgradeTree('local', files);
  for (const tree of [old, updated, local]) {
    if (tree.files.has(kptfileName)) continue;
    throw new PackageError(
      `the ${tree.side} package has no Kptfile at its root, so it cannot be upgraded`,
      kptfileName,
    );
  }
  const crds = new CrdShapes([updated, local, old]);
  const result = strategies[options.strategy]({ old, updated, local, crds });
  checkDirectories(result);
  return result.set(kptfileName, withUpstream(result.get(kptfileName) ?? '', options));
}

function upstreamTree(side: Side, files: PackageFiles, { name, deployment }: UpgradeOptions): UpgradeTree {
  return new UpgradeTree(side, deployment === undefined ? files : replaceContext(files, { name, deployment }));
}

function withUpstream(text: string, { upstream, lock }: UpgradeOptions): string {
  return editKptfile(kptfileName, text, (kptfile) => {
    const source = { ...upstream, git: normalizeSource(upstream.git) };
    moveUpstream(kptfile, source, { ...lock, git: normalizeSource(lock.git) });
  });
}

function checkDirectories(files: ReadonlyMap<string, string>): void {
  const found = fileBelowFile(files);
  if (found === undefined) return;
  throw new PackageError(
    `file ${JSON.stringify(found.path)} cannot be added: ${JSON.stringify(found.parent)} is a file in the local package; ` +
      'rename the local file',
    found.path,
  );
}

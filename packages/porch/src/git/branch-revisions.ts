import { packageNameProblem, workspaceNameProblem } from './api-name.ts';
import { type PackageTree, packagesOfCommit } from './branch-packages.ts';
import type { DiscoveredRevision, DiscoveryMemory, DiscoveryOptions, SkippedReference } from './discovery-types.ts';
import { forEachOf } from './for-each-of.ts';
import { branchReference, pathBelow } from './layout.ts';
import type { ObjectId } from './types.ts';

/** What the tracked branch holds. */
export interface BranchContent {
  readonly revisions: readonly DiscoveredRevision[];
  readonly skipped: readonly SkippedReference[];
}

/** The revisions that track the branch: one for each package at its head. */
export async function branchRevisions(
  options: DiscoveryOptions,
  memory: DiscoveryMemory,
  head: ObjectId,
): Promise<BranchContent> {
  const ref = branchReference(options.branch);
  const before = new Map<string, DiscoveredRevision>();
  for (const revision of options.known?.revisions ?? []) if (revision.ref === ref) before.set(revision.path, revision);

  const packages = await packagesOfCommit(options.mirror, head, options.directory, {
    isPackage: (path, tree) => before.get(path)?.tree === tree,
    barren: memory.barren,
  });
  await memory.commits.extend(options.mirror, [head]);
  const reachable = memory.commits.reachableFrom(head);
  const texts = await kptfiles(options, packages);

  const revisions: DiscoveredRevision[] = [];
  const skipped: SkippedReference[] = [];
  for (const { path, tree, kptfile } of packages) {
    const packageName = pathBelow(options.directory, path) ?? '';
    const reason = packageNameProblem(packageName) ?? workspaceNameProblem(options.branch);
    if (reason !== undefined) {
      skipped.push({ ref, path, id: head, kind: 'name', reason });
      continue;
    }
    const known = before.get(path);
    // The commit stays while the content does: otherwise every push to the branch would change every package on it.
    const same = known?.tree === tree && memory.commits.isAncestor(known.commit, head) ? known : undefined;
    const published = memory.commits.marks(path).find(reachable);
    revisions.push({
      packageName,
      path,
      workspaceName: options.branch,
      revision: -1,
      lifecycle: 'Published',
      ref,
      refs: {},
      commit: same?.commit ?? head,
      tree,
      tasks: same?.tasks ?? [],
      kptfile: (kptfile === undefined ? known?.kptfile : texts.get(kptfile)) ?? '',
      ...(published === undefined
        ? {}
        : { publishedBy: published.authorEmail, publishTimestamp: published.authorTime.toISOString() }),
    });
  }
  return { revisions, skipped };
}

async function kptfiles(
  options: DiscoveryOptions,
  packages: readonly PackageTree[],
): Promise<ReadonlyMap<ObjectId, string>> {
  const ids = [...new Set(packages.flatMap((found) => found.kptfile ?? []))];
  const texts = new Map<ObjectId, string>();
  await forEachOf(ids, async (id) => {
    const [bytes] = await options.mirror.blobs([id]);
    texts.set(id, bytes?.toString('utf8') ?? '');
  });
  return texts;
}

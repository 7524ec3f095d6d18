import { turns } from '@porch/apiserver';
import { packageNameProblem, workspaceNameProblem } from '../resources/api-name.ts';
import { packagesOfCommit } from './branch-packages.ts';
import type { DiscoveryMemory, PlaceFacts } from './discovery-memory.ts';
import type { DiscoveredRevision, DiscoveryOptions, Found, SkippedReference } from './discovery-types.ts';
import { branchReference, pathBelow } from './layout.ts';
import type { ObjectId } from './types.ts';

/**
 * The revisions that track the branch: one for each package at its head. Most of these have a tree that is a tag's as well: what the tags
 * and drafts have is not read again.
 */
export async function branchRevisions(
  options: DiscoveryOptions,
  memory: DiscoveryMemory,
  head: ObjectId,
  others: readonly DiscoveredRevision[],
): Promise<Found> {
  const ref = branchReference(options.branch);
  const listed = new Map<string, DiscoveredRevision>();
  for (const revision of options.known?.revisions ?? []) if (revision.ref === ref) listed.set(revision.path, revision);
  const before = (path: string): PlaceFacts | undefined => listed.get(path) ?? memory.place(ref, path);

  let kptfiles: ReadonlyMap<ObjectId, ObjectId> | undefined;
  const elsewhere = (tree: ObjectId): ObjectId | undefined => {
    kptfiles ??= new Map(others.map((other) => [other.tree, other.kptfile]));
    return kptfiles.get(tree);
  };
  const packages = await packagesOfCommit(options.mirror, head, options.directory, {
    kptfileOf: (path, tree) => {
      const known = before(path);
      return known?.tree === tree ? known.kptfile : elsewhere(tree);
    },
    isBarren: (tree) => memory.isBarren(tree),
    learnBarren: (tree) => memory.learnBarren(tree),
  });
  await memory.commits.extend(options.mirror, [head]);
  const reachable = memory.commits.reachableFrom(head);

  const revisions: DiscoveredRevision[] = [];
  const skipped: SkippedReference[] = [];
  for (const { path, tree, kptfile } of packages) {
    if (turns.over) await turns.next();
    const packageName = pathBelow(options.directory, path) ?? '';
    const reason = packageNameProblem(packageName) ?? workspaceNameProblem(options.branch);
    if (reason !== undefined) {
      skipped.push({ ref, path, id: head, kind: 'name', reason });
      continue;
    }
    const known = before(path);
    // The commit stays while the content does: otherwise every push to the branch would change every package on it.
    const same = known?.tree === tree && memory.commits.isAncestor(known.commit, head) ? known : undefined;
    const commit = same?.commit ?? head;
    if (memory.place(ref, path)?.commit !== commit) memory.learnPlace(ref, path, { commit, tree, kptfile });
    const published = memory.commits.marks(path).find(reachable);
    revisions.push({
      packageName,
      path,
      workspaceName: options.branch,
      revision: -1,
      lifecycle: 'Published',
      ref,
      refs: {},
      commit,
      tree,
      tasks: [],
      kptfile,
      ...(published === undefined
        ? {}
        : { publishedBy: published.authorEmail, publishTimestamp: new Date(published.authorTime).toISOString() }),
    });
  }
  return { revisions, skipped };
}

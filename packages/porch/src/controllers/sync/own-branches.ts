import type { GitRepository } from '../../cache/git-repositories.ts';
import type { RevisionState } from '../../cache/records.ts';
import type { DiscoveredRevision, SkippedReference } from '../../git/discovery-types.ts';
import { isLifecycleReference } from '../../git/layout.ts';
import type { ObjectId } from '../../git/types.ts';
import { packageRevisionName } from '../../resources/names.ts';

/** Branches that would be drafts or proposals of revisions that are listed as something else, by name of the package revision. */
export function branchesBesideListed(
  git: GitRepository,
  skipped: readonly SkippedReference[],
): ReadonlyMap<string, readonly SkippedReference[]> {
  const branches = skipped.filter(({ ref, listed }) => listed !== undefined && isLifecycleReference(ref));
  return Map.groupBy(branches, ({ listed }) =>
    packageRevisionName({ repository: git.name, packageName: '', workspaceName: '', ...listed }),
  );
}

/**
 * Those of the branches beside a listed revision that this server has made, with their commits.
 *
 * Beside a published revision they are left of its draft, and still to go: a push was found not done and was carried out after all, one of
 * the draft after its publication, which would bring the branch back, or a publication after the branch had been pushed anew.
 *
 * Beside a draft or proposal they are what is here, and the listed one is somebody else's; or both are ours, and a move between them was
 * carried out by half.
 */
export async function ownBranches(
  git: GitRepository,
  state: RevisionState,
  found: DiscoveredRevision,
  branches: readonly SkippedReference[],
): Promise<Readonly<Record<string, ObjectId>>> {
  const own: Record<string, ObjectId> = {};
  if (found.revision < 0) return own;
  const isLeft = async (id: ObjectId): Promise<boolean> =>
    found.revision === 0 || (await git.mirror.commit(found.commit)).parents.includes(id);
  for (const { ref, id } of branches) {
    const isKnown = state.refs[ref] === id && (await isLeft(id));
    if (isKnown || state.unanswered?.includes(id) === true) own[ref] = id;
  }
  return own;
}

/** What was found of a revision, with further branches of it. The same object where there are none. */
export function withBranches(
  found: DiscoveredRevision,
  branches: Readonly<Record<string, ObjectId>>,
): DiscoveredRevision {
  return Object.keys(branches).length === 0 ? found : { ...found, refs: { ...found.refs, ...branches } };
}

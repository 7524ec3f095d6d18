import type { GitRepository } from '../../cache/git-repositories.ts';
import type { RevisionState } from '../../cache/records.ts';
import type { DiscoveredRevision, SkippedReference } from '../../git/discovery-types.ts';
import type { ObjectId } from '../../git/types.ts';
import { isLifecycleReference } from '../../outbox/wanted-references.ts';
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
 * What was found of a published revision, with those of the branches beside it that are left of its draft and that this server has made:
 * they are still to go. They are there where a push was found not done and was carried out after all: one of the draft after its
 * publication, which would bring the branch back, or a publication after the branch had been pushed anew. The same object where there
 * are none.
 */
export async function withOwnBranches(
  git: GitRepository,
  state: RevisionState,
  found: DiscoveredRevision,
  branches: readonly SkippedReference[],
): Promise<DiscoveredRevision> {
  if (found.revision <= 0) return found;
  const own: Record<string, ObjectId> = {};
  for (const { ref, id } of branches) {
    const isKnown = state.refs[ref] === id && (await git.mirror.commit(found.commit)).parents.includes(id);
    if (isKnown || state.unanswered?.includes(id) === true) own[ref] = id;
  }
  return Object.keys(own).length === 0 ? found : { ...found, refs: { ...found.refs, ...own } };
}

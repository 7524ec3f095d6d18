import type { ServedObject } from '@porch/apiserver';
import type { RevisionState } from '../../cache/records.ts';
import { summaryOf } from '../../cache/revision-cache.ts';
import type { SkippedReference } from '../../git/discovery-types.ts';
import { draftReference, isLifecycleReference, proposedReference } from '../../git/layout.ts';
import type { ObjectId } from '../../git/types.ts';

/** The branches of drafts and proposals in which there is no package, with their commits. */
export function branchesWithoutPackage(skipped: readonly SkippedReference[]): ReadonlyMap<string, ObjectId> {
  const branches = skipped.filter(({ ref, kind }) => kind === 'content' && isLifecycleReference(ref));
  return new Map(branches.map(({ ref, id }) => [ref, id]));
}

/**
 * The branch that keeps a draft or proposal from Git: one that it has, or is to have, and that somebody else has left without its package.
 * Undefined where there is none.
 */
export function inTheWay(
  object: ServedObject,
  { path, refs, unanswered = [] }: RevisionState,
  branches: ReadonlyMap<string, ObjectId>,
): { readonly ref: string; readonly commit: ObjectId } | undefined {
  const { lifecycle, workspaceName } = summaryOf(object);
  const wanted = (lifecycle === 'Proposed' ? proposedReference : draftReference)(path, workspaceName);
  for (const ref of [wanted, ...Object.keys(refs)]) {
    const commit = branches.get(ref);
    if (commit !== undefined && commit !== refs[ref] && !unanswered.includes(commit)) return { ref, commit };
  }
  return undefined;
}

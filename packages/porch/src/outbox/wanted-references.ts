import type { RevisionState } from '../cache/records.ts';
import type { RevisionSummary } from '../cache/revision-cache.ts';
import { deletionProposedReference, draftReference, isLifecycleReference, proposedReference } from '../git/layout.ts';
import type { ObjectId, ReferenceUpdate } from '../git/types.ts';

/** What decides which branches a revision has. */
export type MirroredRevision = Pick<RevisionSummary, 'workspaceName' | 'revision' | 'lifecycle'>;

/** Whether drafts and proposals are pushed (`off`: not before they are published). Proposals of deletion are in any case, and branches of what is deleted go. */
export type PushDrafts = 'async' | 'sync' | 'off';

/**
 * The branches that a revision should have on the remote with `tip` as its last commit. Tags and the tracked branch are
 * never among them: only publishing and deleting move those. A branch that proposes a deletion says so by its name, and stays at any
 * commit: servers that share a remote may know what follows the branch by different ones, and each would move it to its own.
 */
export function wantedReferences(
  state: RevisionState,
  revision: MirroredRevision | undefined,
  tip: ObjectId | null,
): ReadonlyMap<string, ObjectId> {
  const wanted = new Map<string, ObjectId>();
  if (revision === undefined || state.deleted === true || tip === null) return wanted;
  if (revision.lifecycle === 'Draft') wanted.set(draftReference(state.path, revision.workspaceName), tip);
  if (revision.lifecycle === 'Proposed') wanted.set(proposedReference(state.path, revision.workspaceName), tip);
  if (revision.lifecycle === 'DeletionProposed') {
    const ref = deletionProposedReference(state.path, revision.revision, revision.workspaceName);
    wanted.set(ref, state.refs[ref] ?? tip);
  }
  return wanted;
}

/** The branches of a revision that follow its lifecycle, and where they are. */
export function lifecycleReferences(refs: RevisionState['refs']): [ref: string, id: ObjectId][] {
  return Object.entries(refs).filter(([ref]) => isLifecycleReference(ref));
}

/** What to push so that the remote's lifecycle branches become the wanted ones. */
export function lifecycleUpdates(state: RevisionState, wanted: ReadonlyMap<string, ObjectId>): ReferenceUpdate[] {
  const updates: ReferenceUpdate[] = [];
  for (const [ref, id] of wanted) {
    const old = state.refs[ref] ?? null;
    if (old !== id) updates.push({ ref, old, new: id });
  }
  for (const [ref, id] of lifecycleReferences(state.refs)) {
    if (!wanted.has(ref)) updates.push({ ref, old: id, new: null });
  }
  return updates;
}

/** Whether anything is left to do for a revision. */
export function needsMirroring(
  state: RevisionState,
  revision: MirroredRevision | undefined,
  mode: PushDrafts,
): boolean {
  if (state.intent !== undefined) return false;
  if (state.pushing !== undefined) return true;
  if (state.conflict !== undefined) return false;
  const unpublished = revision !== undefined && (revision.lifecycle === 'Draft' || revision.lifecycle === 'Proposed');
  if (mode === 'off' && unpublished) return false;
  if (state.pending.length > 0 || state.deleted === true) return true;
  return lifecycleUpdates(state, wantedReferences(state, revision, state.tip)).length > 0;
}

import { namedTag } from '../git/layout.ts';
import { isPublished, type PackageRevision } from '../resources/package-revision.ts';
import { type RevisionState, sameReferences } from './records.ts';

/**
 * Where a published revision stands in Git when its object says it all: its tag names its commit, or it follows the branch, and nothing else
 * is known of it. Such a state is not stored, and has no revision; it never changes, for whatever changes it stores it. Undefined for all
 * other objects.
 */
export function stateAtRest({ spec, status }: PackageRevision): RevisionState | undefined {
  const { directory: path, ref, commit } = status?.selfLock?.git ?? {};
  const { revision = 0 } = spec;
  if (!isPublished(spec.lifecycle) || revision === 0) return undefined;
  if (spec.repository === undefined || path === undefined || !ref || !commit) return undefined;
  return {
    repository: spec.repository,
    path,
    refs: revision > 0 ? { [namedTag(ref)]: commit } : {},
    tip: commit,
    base: null,
    pending: [],
  };
}

/** Whether a state is exactly the one that its object says. Compared by hand: a synchronisation asks for thousands. */
export function isStateAtRest(state: RevisionState, object: PackageRevision): boolean {
  const said = stateAtRest(object);
  if (said === undefined) return false;
  for (const [name, value] of Object.entries(state))
    if (value !== undefined && !Object.hasOwn(said, name)) return false;
  return (
    state.repository === said.repository &&
    state.path === said.path &&
    state.tip === said.tip &&
    state.base === null &&
    state.pending.length === 0 &&
    sameReferences(state.refs, said.refs)
  );
}

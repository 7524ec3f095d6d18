import { isNamedTag, namedTag } from '../git/layout.ts';
import type { ObjectId } from '../git/types.ts';
import { isPublished, type PackageRevision } from '../resources/package-revision.ts';
import type { RevisionState } from './records.ts';

/**
 * Where a published revision stands in Git when its object says it all: its tag names its commit, or it follows the branch, and nothing else
 * is known of it. Such a state is not stored, and has no revision; it never changes, for whatever changes it stores it. Undefined for all
 * other objects.
 */
export function stateAtRest(object: PackageRevision): RevisionState | undefined {
  const place = placeAtRest(object);
  if (place === undefined) return undefined;
  const { repository, path, commit } = place;
  return { repository, path, refs: place.tag === null ? {} : { [namedTag(place.tag)]: commit }, ...rest, tip: commit };
}

/** What is the same of all states at rest. */
const rest = { base: null, pending: [] } as const;
const members: ReadonlySet<string> = new Set<keyof RevisionState>([
  'repository',
  'path',
  'refs',
  'tip',
  'base',
  'pending',
]);

/** Where an object says that it is; `tag` is null where it follows the branch. */
interface PlaceAtRest {
  readonly repository: string;
  readonly path: string;
  readonly tag: string | null;
  readonly commit: ObjectId;
}

function placeAtRest({ spec, status }: PackageRevision): PlaceAtRest | undefined {
  const { directory: path, ref, commit } = status?.selfLock?.git ?? {};
  const { repository, revision = 0 } = spec;
  if (!isPublished(spec.lifecycle) || revision === 0) return undefined;
  if (repository === undefined || path === undefined || !ref || !commit) return undefined;
  return { repository, path, tag: revision > 0 ? ref : null, commit };
}

/** Whether a state is exactly the one that its object says. Compared by hand: a synchronisation asks for thousands. */
export function isStateAtRest(state: RevisionState, object: PackageRevision): boolean {
  const said = placeAtRest(object);
  return (
    said !== undefined &&
    state.repository === said.repository &&
    state.path === said.path &&
    state.tip === said.commit &&
    state.base === null &&
    state.pending.length === 0 &&
    hasOnly(state.refs, said) &&
    Object.keys(state).every((name) => members.has(name) || state[name as keyof RevisionState] === undefined)
  );
}

function hasOnly(refs: RevisionState['refs'], { tag, commit }: PlaceAtRest): boolean {
  const names = Object.keys(refs);
  if (tag === null) return names.length === 0;
  const name = names[0] ?? '';
  return names.length === 1 && isNamedTag(name, tag) && refs[name] === commit;
}

import { PreconditionFailedError, type Store } from '@porch/apiserver';
import type { GitRepository } from '../cache/git-repositories.ts';
import type { RevisionState } from '../cache/records.ts';
import { replaceState } from '../cache/replace-state.ts';
import type { Read, RevisionCache } from '../cache/revision-cache.ts';
import type { ObjectId, RemoteReferences } from '../git/types.ts';

/** Commits of pushes without an answer that are remembered of one revision. */
const mostUnanswered = 16;

/** What finding out about a push takes. */
export interface SettleParts {
  readonly cache: RevisionCache;
  readonly store: Store;
}

/**
 * The state of a revision with its references as the remote has them, where a push of them was begun and its outcome never recorded:
 * the server ended, or the connection broke. The caller holds the revision's place in the queue, so that no push is under way.
 * Undefined when there is no state.
 * @throws GitError when the remote has to be asked and does not answer
 */
export async function settlePush(
  parts: SettleParts,
  git: GitRepository,
  name: string,
  references?: RemoteReferences,
): Promise<Read<RevisionState> | undefined> {
  let actual = references;
  for (;;) {
    const read = parts.cache.state(git.namespace, name);
    if (read?.value.pushing === undefined) return read;
    actual ??= await git.mirror.lsRemote(await git.access());
    const value = settledState(read.value, actual);
    try {
      return await replaceState(parts.store, read, value);
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) throw error;
    }
  }
}

/**
 * Takes over what the push did. What somebody else did stays unknown, so that the lease of the next push finds it. What was not done may
 * be done yet.
 */
function settledState(state: RevisionState, actual: RemoteReferences): RevisionState {
  const { pushing = {}, ...rest } = state;
  const refs = { ...state.refs };
  const unanswered = new Set<ObjectId>();
  for (const [ref, id] of Object.entries(pushing)) {
    const there = actual.refs.get(ref) ?? null;
    if (there === null) delete refs[ref];
    else if (there === id) refs[ref] = there;
    if (id !== null && there !== id) unanswered.add(id);
  }
  if (unanswered.size === 0) return { ...rest, refs };
  for (const id of state.unanswered ?? []) unanswered.add(id);
  return { ...rest, refs, unanswered: [...unanswered].slice(0, mostUnanswered) };
}

import { type Precondition, PreconditionFailedError, type Store } from '@porch/apiserver';
import { isSameKey } from '../../cache/records.ts';

/**
 * The store for whoever may write only while `condition` holds: it becomes part of every write set. A write that comes too late is not
 * made, and fails with the error that `lost` gives, not with one that asks for another attempt.
 */
export function fencedStore(store: Store, condition: Precondition, lost: (cause: Error) => Error): Store {
  return {
    snapshot: (options) => store.snapshot(options),
    async commit(writeSet, options) {
      const preconditions = [...(writeSet.preconditions ?? []), condition];
      try {
        return await store.commit({ ...writeSet, preconditions }, options);
      } catch (error) {
        if (error instanceof PreconditionFailedError && isSameKey(error.key, condition.key)) throw lost(error);
        throw error;
      }
    },
    onCommit: (listener) => store.onCommit(listener),
    ...(store.latestRevision === undefined
      ? {}
      : { latestRevision: () => store.latestRevision?.() ?? Promise.resolve(0) }),
    changesAfter: (revision, limit) => store.changesAfter(revision, limit),
    objectAt: (key, revision) => store.objectAt(key, revision),
    content: (digest) => store.content(digest),
    compact: (revision, graceMs) => store.compact(revision, graceMs),
    close: () => store.close(),
  };
}

import type { Precondition, Store } from '@porch/apiserver';
import { putRecord, type RevisionState } from './records.ts';
import type { Read } from './revision-cache.ts';

/**
 * Writes the next state of a revision, and nothing else, in place of the one that was read; gives it as it then is. Where none was stored
 * the revision must still be there.
 * @throws PreconditionFailedError when it has changed since, or the revision has gone
 */
export async function replaceState(
  store: Store,
  read: Read<RevisionState>,
  value: RevisionState,
  preconditions: readonly Precondition[] = [],
): Promise<Read<RevisionState>> {
  const { key, revision } = read;
  const { changes } = await store.commit({
    preconditions: [...preconditions, ...(read.preconditions ?? [])],
    operations: [putRecord(key, value, revision)],
  });
  return { key, value, revision: changes.at(-1)?.revision ?? revision };
}

import { type ObjectKey, PreconditionFailedError, turns, type WriteOperation } from '@porch/apiserver';
import { putRecord, type Tombstone, tombstones } from '../../cache/records.ts';
import { buriedKey, decodeRecord } from '../../cache/revision-cache.ts';
import type { EngineParts } from '../../engine/parts.ts';

/**
 * How long it is remembered that an object was deleted, in milliseconds: 90 days. Until then a new one of its name has another UID. Whoever
 * still knew the old UID after that time would have long found out that its object is gone.
 */
export const tombstoneMs = 90 * 24 * 3_600_000;

/**
 * Forgets deletions that are long past, of names that nobody uses: otherwise every name that was ever used would take memory for ever. At
 * most `most` records are written. Gives how many were removed.
 */
export async function removeOldTombstones(
  { cache, store, clock }: Pick<EngineParts, 'cache' | 'store' | 'clock'>,
  most: number,
  isOver: () => boolean,
): Promise<number> {
  const now = clock();
  let written = 0;
  let removed = 0;
  for (const served of cache.objects.list(tombstones).items) {
    if (turns.over) await turns.next();
    if (written >= most || isOver()) break;
    const { key, revision } = served;
    const tombstone = decodeRecord<Tombstone>(served);
    const { at } = tombstone;
    const object = buriedKey(key);
    if (at !== undefined && (now.getTime() - Date.parse(at) < tombstoneMs || isInUse(cache, object))) continue;
    // One of an earlier version counts from now on.
    const operation: WriteOperation =
      at === undefined
        ? putRecord(key, { ...tombstone, at: now.toISOString() }, revision)
        : { type: 'delete', key, expected: revision };
    const preconditions = at === undefined ? [] : [{ key: object, revision: 0 }];
    try {
      await store.commit({ preconditions, operations: [operation] });
      written++;
      if (at !== undefined) removed++;
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) throw error; // the name is in use again
    }
  }
  return removed;
}

/** The UID of an object that is there came from the tombstone, and that of the next must too. */
function isInUse(cache: EngineParts['cache'], object: ObjectKey): boolean {
  return cache.objects.get(object) !== undefined || cache.state(object.namespace, object.name) !== undefined;
}

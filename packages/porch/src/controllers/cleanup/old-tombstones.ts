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
    const object = buriedKey(key);
    const isNew = tombstone.at === undefined;
    if (!isNew && now.getTime() - Date.parse(tombstone.at) < tombstoneMs) continue;
    // The UID of one that is there came from the tombstone, and that of the next must too.
    if (!isNew && (cache.objects.get(object) !== undefined || hasState(cache, object))) continue;
    const operation: WriteOperation = isNew
      ? putRecord(key, { ...tombstone, at: now.toISOString() }, revision)
      : { type: 'delete', key, expected: revision };
    try {
      await store.commit({
        preconditions: isNew ? [] : [{ key: object, revision: 0 }],
        operations: [operation],
      });
      written++;
      if (!isNew) removed++;
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) throw error; // the name is in use again
    }
  }
  return removed;
}

function hasState(cache: EngineParts['cache'], { namespace, name }: ObjectKey): boolean {
  return cache.state(namespace, name) !== undefined;
}

import { randomUUID } from 'node:crypto';
import type { ObjectKey } from '@porch/apiserver';
import { timeOf } from '../cache/clock.ts';
import { putRecord, type SyncRequest, syncRequests } from '../cache/records.ts';
import type { EngineParts } from '../engine/parts.ts';

/** Key of the record by which a synchronisation of a Repository is asked for. */
export function syncRequestKey(namespace: string, name: string): ObjectKey {
  return { resource: syncRequests, namespace, name };
}

/**
 * Asks for a synchronisation of a Repository as soon as may be. The request goes through the store, so that it reaches whichever
 * process looks after the Repository; one that is under way is followed by another.
 */
export async function requestSync(
  parts: Pick<EngineParts, 'store' | 'clock'>,
  namespace: string,
  name: string,
  by: string,
): Promise<void> {
  const request: SyncRequest = { id: randomUUID(), at: timeOf(parts.clock), by };
  await parts.store.commit({ operations: [putRecord(syncRequestKey(namespace, name), request)] });
}

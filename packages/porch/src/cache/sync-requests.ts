import { randomUUID } from 'node:crypto';
import type { ObjectKey, Store, WriteOperation } from '@porch/apiserver';
import { type Clock, timeOf } from './clock.ts';
import { putRecord, type SyncRequest, syncRequests } from './records.ts';

/** Key of the record by which a synchronisation of a Repository is asked for. */
export function syncRequestKey(namespace: string, name: string): ObjectKey {
  return { resource: syncRequests, namespace, name };
}

/**
 * Asks for a synchronisation of a Repository as soon as may be. The request goes through the store, so that it reaches whichever
 * process looks after the Repository; one that is under way is followed by another.
 */
export function syncRequest(clock: Clock, namespace: string, name: string, by: string): WriteOperation {
  const request: SyncRequest = { id: randomUUID(), at: timeOf(clock), by };
  return putRecord(syncRequestKey(namespace, name), request);
}

/** Asks for it in a write of its own. */
export async function requestSync(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  namespace: string,
  name: string,
  by: string,
): Promise<void> {
  await store.commit({ operations: [syncRequest(clock, namespace, name, by)] });
}

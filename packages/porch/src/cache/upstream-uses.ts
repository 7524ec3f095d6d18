import { randomUUID } from 'node:crypto';
import type { ObjectKey, Precondition, WriteOperation } from '@porch/apiserver';
import { putRecord, type UpstreamUse, upstreamUses } from './records.ts';
import type { RevisionCache } from './revision-cache.ts';

function usesKey(namespace: string, name: string): ObjectKey {
  return { resource: upstreamUses, namespace, name };
}

/** Holds for a write set as long as nobody has begun to name a package revision as its upstream after what the cache shows. */
export function noFurtherUse(cache: RevisionCache, namespace: string, name: string): Precondition {
  const key = usesKey(namespace, name);
  return { key, revision: cache.objects.get(key)?.revision ?? 0 };
}

/** Makes `noFurtherUse` of the upstream fail; those who begin to use it at the same time do not stand in each other's way. */
export function useOperation(namespace: string, upstream: string): WriteOperation {
  return putRecord(usesKey(namespace, upstream), { use: randomUUID() } satisfies UpstreamUse);
}

/** Belongs to the removal of a package revision. */
export function forgetUses(namespace: string, name: string): WriteOperation {
  return { type: 'delete', key: usesKey(namespace, name) };
}

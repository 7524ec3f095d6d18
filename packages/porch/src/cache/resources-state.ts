import type { WriteOperation } from '@porch/apiserver';
import { type EarlierRevisionState, putRecord, type ResourcesState, type RevisionState } from './records.ts';
import { type RevisionCache, resourcesKey, stateKey } from './revision-cache.ts';

/** A state without what earlier versions kept in it. */
export function withoutResources(state: RevisionState): RevisionState {
  const earlier: EarlierRevisionState = state;
  if (earlier.renderStatus === undefined && earlier.resourcesManagedFields === undefined) return state;
  const { renderStatus: _, resourcesManagedFields: __, ...rest } = earlier;
  return rest;
}

/**
 * What a write of a revision's state does to what is known of its files: it goes with the state, and what an earlier version has left in
 * the state gets a record of its own. `wanted` undefined: it stays as it is.
 */
export function besideState(
  cache: RevisionCache,
  namespace: string,
  name: string,
  state: RevisionState | null,
  wanted: ResourcesState | null | undefined,
): WriteOperation[] {
  if (state === null || wanted === null) return forgetResources(cache, namespace, name);
  const resources = wanted ?? cache.earlierResourcesState(namespace, name);
  return resources === undefined ? [] : keepResources(cache, namespace, name, resources);
}

/** Removes what is known of a revision's files, if anything is. */
export function forgetResources(cache: RevisionCache, namespace: string, name: string): WriteOperation[] {
  const key = resourcesKey(namespace, name);
  return cache.objects.get(key) === undefined ? [] : [{ type: 'delete', key }];
}

function keepResources(
  cache: RevisionCache,
  namespace: string,
  name: string,
  { renderStatus, resourcesManagedFields }: ResourcesState,
): WriteOperation[] {
  if (renderStatus === undefined && resourcesManagedFields === undefined)
    return forgetResources(cache, namespace, name);
  const record = {
    ...(renderStatus === undefined ? {} : { renderStatus }),
    ...(resourcesManagedFields === undefined ? {} : { resourcesManagedFields }),
  };
  return [putRecord(resourcesKey(namespace, name), record)];
}

/** Changes what is known of a revision's files, and nothing else. */
export function putResources(
  cache: RevisionCache,
  namespace: string,
  name: string,
  resources: ResourcesState,
): WriteOperation[] {
  const earlier = cache.earlierResourcesState(namespace, name) !== undefined;
  const patch = { record: { renderStatus: null, resourcesManagedFields: null } };
  return [
    ...keepResources(cache, namespace, name, resources),
    ...(earlier ? [{ type: 'merge' as const, key: stateKey(namespace, name), patch }] : []),
  ];
}

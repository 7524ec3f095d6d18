/** Which resource of a cluster. */
export interface ClusterResource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

/** Path of a collection, in one namespace or (undefined, and for resources that have none) everywhere. */
export function collectionPath({ group, version, plural }: ClusterResource, namespace?: string): string {
  const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespace === undefined
    ? `${base}/${plural}`
    : `${base}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
}

/** Path of an object. */
export function objectPath(resource: ClusterResource, namespace: string | undefined, name: string): string {
  return `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
}

export const namespaceResource = { group: '', version: 'v1', plural: 'namespaces' } as const;
export const secretResource = { group: '', version: 'v1', plural: 'secrets' } as const;
export const configMapResource = { group: '', version: 'v1', plural: 'configmaps' } as const;
export const eventResource = { group: '', version: 'v1', plural: 'events' } as const;
export const leaseResource = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases' } as const;

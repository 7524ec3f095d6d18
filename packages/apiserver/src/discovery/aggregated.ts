import type { AnyResourceDefinition } from '../registry/resource.ts';
import type { ServedGroup } from './served-groups.ts';
import { verbsOf } from './verbs.ts';

/** Versions of the aggregated form. They differ in name only. */
export const aggregatedVersions = ['v2', 'v2beta1'] as const;
export type AggregatedVersion = (typeof aggregatedVersions)[number];

function resource(definition: AnyResourceDefinition): unknown {
  const { group, version, kind, shortNames = [], categories = [], subresources = [], actions = [] } = definition;
  const responseKind = { group, version, kind };
  const below = [
    ...subresources.map(({ name, storage }) => ({ subresource: name, responseKind, verbs: verbsOf(storage) })),
    ...actions.map(({ name, request }) => ({
      subresource: name,
      responseKind: { group: request.group, version: request.version, kind: request.kind },
      verbs: verbsOf(request.storage),
    })),
  ];
  return {
    resource: definition.plural,
    responseKind,
    scope: definition.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: definition.singular,
    verbs: verbsOf(definition.storage),
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(below.length > 0 ? { subresources: below } : {}),
  };
}

/** `/api` or `/apis` with everything in one answer. */
export function apiGroupDiscoveryList(groups: readonly ServedGroup[], version: AggregatedVersion): unknown {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(({ group, versions }) => ({
      metadata: { name: group },
      versions: versions.map((served) => ({
        version: served.version,
        resources: [...served.definitions].sort((a, b) => (a.plural < b.plural ? -1 : 1)).map(resource),
        freshness: 'Current',
      })),
    })),
  };
}

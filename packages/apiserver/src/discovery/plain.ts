import { apiVersionOf } from '../meta/object.ts';
import type { AnyResourceDefinition } from '../registry/resource.ts';
import type { ServedGroup, ServedVersion } from './served-groups.ts';
import { verbsOf } from './verbs.ts';

const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress: '' }];

/** `/api`: versions of the core group. */
export function apiVersions(core: ServedGroup): unknown {
  return { kind: 'APIVersions', versions: core.versions.map((v) => v.version), serverAddressByClientCIDRs };
}

function groupFields({ group, versions }: ServedGroup): Record<string, unknown> {
  const named = versions.map(({ version }) => ({ groupVersion: apiVersionOf(group, version), version }));
  return { name: group, versions: named, preferredVersion: named[0] };
}

/** `/apis/{group}`. */
export function apiGroup(group: ServedGroup): unknown {
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupFields(group) };
}

/** `/apis`: all groups but the core one. */
export function apiGroupList(groups: readonly ServedGroup[]): unknown {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupFields) };
}

function resources(definition: AnyResourceDefinition): unknown[] {
  const { actions = [], plural, singular, namespaced, kind, shortNames = [], categories = [] } = definition;
  return [
    {
      name: plural,
      singularName: singular,
      namespaced,
      kind,
      verbs: verbsOf(definition.storage),
      ...(shortNames.length > 0 ? { shortNames } : {}),
      ...(categories.length > 0 ? { categories } : {}),
    },
    ...(definition.subresources ?? []).map((subresource) => ({
      name: `${plural}/${subresource.name}`,
      singularName: '',
      namespaced,
      kind,
      verbs: verbsOf(subresource.storage),
    })),
    ...actions.map(({ name, request }) => ({
      name: `${plural}/${name}`,
      singularName: '',
      namespaced,
      group: request.group,
      version: request.version,
      kind: request.kind,
      verbs: verbsOf(request.storage),
    })),
  ];
}

/** `/apis/{group}/{version}`: resources and subresources, by name. */
export function apiResourceList(group: string, { version, definitions }: ServedVersion): unknown {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf(group, version),
    resources: [...definitions].sort((a, b) => (a.plural < b.plural ? -1 : 1)).flatMap(resources),
  };
}

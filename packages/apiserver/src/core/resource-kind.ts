import { groupResource, type KubernetesObject } from '../meta/object.ts';
import type { ResourceDefinition, ResourceStorage } from '../registry/resource.ts';
import type { StoredResource } from '../registry/store-storage.ts';
import type { ExtractionRules } from '../storage/extraction.ts';

/** A resource without its storage: everything that is the same wherever its objects are kept. */
export type ResourceKind<T extends KubernetesObject> = Omit<ResourceDefinition<T>, 'storage' | 'subresources'>;

/** The resource with the storage that a server gives it. */
export function withStorage<T extends KubernetesObject>(
  kind: ResourceKind<T>,
  storage: ResourceStorage<T>,
): ResourceDefinition<T> {
  return { ...kind, storage };
}

/** The part of a kind that its storage over the store needs. */
export function storedResource<T extends KubernetesObject>(kind: ResourceKind<T>): StoredResource {
  const { group, plural, kind: name, namespaced, hasGeneration = false } = kind;
  return { group, plural, kind: name, namespaced, hasGeneration };
}

/** What the watch cache takes out of the objects of a kind, with the key it is looked up by. */
export function extractionOf<T extends KubernetesObject>(kind: ResourceKind<T>): readonly [string, ExtractionRules] {
  const { selectableFields, table } = kind;
  return [
    groupResource(kind.plural, kind.group),
    {
      ...(selectableFields === undefined
        ? {}
        : { selectableFields: { of: (object) => selectableFields.of(object as T) } }),
      table: { cells: (object) => table.cells(object as T) },
    },
  ];
}

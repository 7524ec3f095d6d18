import type { GroupResource, KubernetesObject, ResourceStorage } from '@porch/apiserver';
import type { NamespaceGate } from './gate.ts';

/** Storage whose objects are created only in namespaces that exist and stay. */
export function storageInNamespaces<T extends KubernetesObject>(
  stored: Required<ResourceStorage<T>>,
  gate: NamespaceGate,
  resource: GroupResource,
): Required<ResourceStorage<T>> {
  return {
    ...stored,
    create(context, object, options) {
      const what = { resource, name: object.metadata.name ?? '' };
      return gate.create(context.namespace, what, () => stored.create(context, object, options));
    },
    async update(context, name, update, options) {
      let leave: (() => void) | undefined;
      const updating: typeof update = (current) => {
        if (current === undefined) leave ??= gate.enter(context.namespace, { resource, name });
        return update(current);
      };
      try {
        return await stored.update(context, name, updating, options);
      } finally {
        leave?.();
      }
    },
  };
}

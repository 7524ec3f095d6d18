import type { KubernetesObject, ResourceStorage } from '@porch/apiserver';
import type { NamespaceGate } from './gate.ts';

/** Storage whose objects are created only in namespaces that exist and stay. */
export function storageInNamespaces<T extends KubernetesObject>(
  stored: Required<ResourceStorage<T>>,
  gate: NamespaceGate,
): Required<ResourceStorage<T>> {
  return {
    ...stored,
    create: (context, object, options) => gate.create(context.namespace, () => stored.create(context, object, options)),
    async update(context, name, update, options) {
      let leave: (() => void) | undefined;
      const updating: typeof update = (current) => {
        if (current === undefined) leave ??= gate.enter(context.namespace);
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

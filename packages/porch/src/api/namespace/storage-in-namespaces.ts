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
    update: (context, name, update, options) =>
      stored.update(
        context,
        name,
        (current) => {
          if (current === undefined) gate.requireNamespace(context.namespace);
          return update(current);
        },
        options,
      ),
  };
}

import { type AnyResourceDefinition, groupResource, serverContext, type WatchCache } from '@porch/apiserver';
import type { NamespaceGate } from '../api/namespace/gate.ts';
import type { NamespaceContents } from '../controllers/namespace-controller.ts';
import { packageRevisions, repositories } from '../resources/group.ts';
import type { Repository } from '../resources/repository.ts';

const user = 'system:porch:namespace-controller';

/**
 * What is in namespaces, by the definitions that are served. Repositories go first, and with them their package revisions;
 * everything else only then, because a Repository may need its Secret until its last draft is in Git.
 */
export function namespaceContents(
  cache: WatchCache,
  definitions: readonly AnyResourceDefinition[],
  gate: NamespaceGate,
): NamespaceContents {
  const kinds = definitions
    .filter(({ namespaced, storage }) => namespaced && storage.deleteCollection !== undefined)
    .map((definition) => ({ definition, resource: groupResource(definition.plural, definition.group) }));
  const count = (resource: string, namespace: string) => cache.list(resource, { namespace }).items.length;
  const options = { dryRun: false, fieldManager: 'porch' };
  return {
    isEmpty: (namespace) =>
      !gate.isCreating(namespace) && kinds.every(({ resource }) => count(resource, namespace) === 0),
    remaining(namespace) {
      const resources = new Map<string, number>();
      const finalizers = new Map<string, number>();
      for (const { resource } of kinds) {
        const { items } = cache.list(resource, { namespace });
        if (items.length > 0) resources.set(resource, items.length);
        for (const item of items) {
          if (!item.bytes.includes('"finalizers"')) continue; // there may be thousands, and few have any
          for (const finalizer of item.decode().metadata.finalizers ?? []) {
            finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
          }
        }
      }
      return { resources, finalizers, reasons: reasonsOf(cache, namespace) };
    },
    async removeSome(namespace) {
      const first = kinds.filter(({ resource }) => resource === repositories);
      const last = kinds.filter(({ resource }) => resource !== repositories && resource !== packageRevisions);
      const waits = count(repositories, namespace) + count(packageRevisions, namespace) > 0;
      for (const { definition, resource } of waits ? first : last) {
        if (count(resource, namespace) === 0) continue;
        await definition.storage.deleteCollection?.(serverContext(user, namespace), { limit: 0, namespace }, options);
      }
    },
  };
}

/** Why Repositories are still there, where they say so. */
function reasonsOf(cache: WatchCache, namespace: string): string[] {
  return cache.list(repositories, { namespace }).items.flatMap((item) => {
    const { metadata, status } = item.decode<Repository>();
    const why = status?.conditions?.find(({ type, status }) => type === 'Unregistered' && status === 'False');
    return why === undefined ? [] : [`Repository ${metadata.name}: ${why.message}`];
  });
}

import type { WatchCache } from '@porch/apiserver';
import { namespaces } from '../../resources/group.ts';
import type { NamespaceContents } from './gate.ts';

/** What namespaces there are and what is in them, as the watch cache has it. `resources`: the namespaced ones that count. */
export function namespaceContents(
  cache: Pick<WatchCache, 'get' | 'list'>,
  resources: readonly string[],
): NamespaceContents {
  return {
    exists: (namespace) => cache.get({ resource: namespaces, namespace: '', name: namespace }) !== undefined,
    contents: (namespace) =>
      resources.map((resource) => ({ resource, count: cache.list(resource, { namespace }).items.length })),
  };
}

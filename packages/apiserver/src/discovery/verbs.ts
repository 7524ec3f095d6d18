import type { KubernetesObject } from '../meta/object.ts';
import type { ResourceStorage } from '../registry/resource.ts';

/** Verbs that a resource has: those its storage has methods for, in the order of the alphabet. */
export function verbsOf(storage: ResourceStorage<KubernetesObject>): string[] {
  const verbs: [string, unknown][] = [
    ['create', storage.create],
    ['delete', storage.delete],
    ['deletecollection', storage.deleteCollection],
    ['get', storage.get],
    ['list', storage.list],
    ['patch', storage.update],
    ['update', storage.update],
    ['watch', storage.watch],
  ];
  return verbs.filter(([, method]) => method !== undefined).map(([verb]) => verb);
}

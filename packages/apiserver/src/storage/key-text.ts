import type { ObjectKey } from './store.ts';

/** A key as one text: equal for equal keys only. Values on disk are sealed with it, so it stays as it is. */
export function keyText({ resource, namespace, name }: ObjectKey): string {
  return JSON.stringify([resource, namespace, name]);
}

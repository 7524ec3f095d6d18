import { isObject } from '../meta/json-object.ts';

/**
 * RFC 7386 on decoded JSON: null removes, objects merge, everything else replaces. The arguments are not changed; the result
 * may share parts with them.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  // Entries define own properties, so that a key named __proto__ stays plain data.
  return Object.fromEntries(merged);
}

import { isDeepStrictEqual } from 'node:util';

/** The value without what says nothing: nulls, empty texts, lists and maps, false and zero. Undefined when nothing is left. */
function significant(value: unknown): unknown {
  if (value === null || value === undefined || value === '' || value === false || value === 0) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => significant(item) ?? null);
  if (typeof value !== 'object') return value;
  const kept = Object.entries(value)
    .map(([key, item]) => [key, significant(item)] as const)
    .filter(([, item]) => item !== undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/**
 * Whether two values mean the same to Kubernetes clients, many of which leave out fields that have the zero value of their
 * type when they send back what they have read.
 */
export function semanticEqual(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(significant(a), significant(b));
}

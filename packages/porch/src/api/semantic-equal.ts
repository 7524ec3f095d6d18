import { isDeepStrictEqual } from 'node:util';

/** Maps whose keys are the user's: each says something, also with an empty text. */
const userMaps = ['labels', 'annotations'];

function significantMember(key: string, value: unknown): unknown {
  const isUserMap = userMaps.includes(key) && typeof value === 'object' && value !== null;
  if (!isUserMap) return significant(value);
  return Object.keys(value).length === 0 ? undefined : value;
}

/** The value without what says nothing: nulls, empty texts, lists and maps, false and zero. Undefined when nothing is left. */
function significant(value: unknown): unknown {
  if (value === null || value === undefined || value === '' || value === false || value === 0) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => significant(item) ?? null);
  if (typeof value !== 'object') return value;
  const kept = Object.entries(value)
    .map(([key, item]) => [key, significantMember(key, item)] as const)
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

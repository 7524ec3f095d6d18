/**
 * Puts new entries between those there are: each behind the nearest one before it in `order` that is there already, or at the
 * start where there is none.
 */
export function interleave<T>(
  present: readonly (readonly [key: string, entry: T])[],
  added: ReadonlyMap<string, T>,
  order: Iterable<string>,
): T[] {
  const known = new Set(present.map(([key]) => key));
  const first: T[] = [];
  const behind = new Map<string, T[]>();
  let target = first;
  for (const key of order) {
    const entry = added.get(key);
    if (known.has(key)) {
      target = behind.get(key) ?? [];
      behind.set(key, target);
    } else if (entry !== undefined) {
      target.push(entry);
    }
  }
  return [...first, ...present.flatMap(([key, entry]) => [entry, ...(behind.get(key) ?? [])])];
}

import { isObject } from '../meta/json-object.ts';
import { malformed } from './strategic-merge.ts';

type Json = Record<string, unknown>;

function positions(identities: readonly string[]): Map<string, number> {
  return new Map(identities.map((identity, index) => [identity, index]));
}

/** The items of the patch must stand in the given order, all of them, in the same sequence. */
function checkOrder(patch: readonly string[], order: readonly string[], path: string): void {
  const rank = positions(order);
  let last = -1;
  for (const identity of patch) {
    const at = rank.get(identity);
    if (at === undefined) throw malformed(path, `$setElementOrder does not have ${identity}, which the patch sets`);
    if (at < last) throw malformed(path, `the order of the patch's items differs from $setElementOrder at ${identity}`);
    last = at;
  }
}

/**
 * Puts a merged list in order: items that the order names follow it; the others keep their place relative to the live
 * list as well as they can.
 */
function arrange<T>(
  merged: readonly T[],
  identify: (item: T) => string,
  live: readonly string[],
  order: readonly string[],
): T[] {
  const rank = positions(order);
  const liveRank = positions(live);
  const liveAt = (item: T): number => liveRank.get(identify(item)) ?? -1;
  const named = merged
    .filter((item) => rank.has(identify(item)))
    .sort((a, b) => (rank.get(identify(a)) ?? 0) - (rank.get(identify(b)) ?? 0));
  const others = merged.filter((item) => !rank.has(identify(item))).sort((a, b) => liveAt(a) - liveAt(b));
  const result: T[] = [];
  let next = 0;
  for (const item of others) {
    for (let head = named[next]; head !== undefined && liveAt(head) < liveAt(item); head = named[++next])
      result.push(head);
    result.push(item);
  }
  return [...result, ...named.slice(next)];
}

const textOf = (value: unknown): string => JSON.stringify(value) ?? 'null';

/** Merges lists of plain values as sets. Without an `order`, the patch itself is one. */
export function mergeValues(
  live: readonly unknown[],
  patch: readonly unknown[],
  removed: readonly unknown[] | undefined,
  order: readonly unknown[] | undefined,
  path: string,
): unknown[] {
  if (patch.some(isObject)) throw malformed(path, 'the items of this list must be plain values');
  const gone = new Set((removed ?? []).map(textOf));
  const merged = new Map<string, unknown>();
  for (const value of live) if (!gone.has(textOf(value))) merged.set(textOf(value), value);
  for (const value of patch) merged.set(textOf(value), value);
  const set = patch.map(textOf);
  const wanted = order?.map(textOf) ?? set;
  checkOrder(set, wanted, path);
  return arrange([...merged.values()], textOf, live.map(textOf), wanted);
}

function identity(item: unknown, key: string, path: string): string {
  if (!isObject(item))
    throw malformed(path, `the items of this list must be objects with the field ${JSON.stringify(key)}`);
  const value = item[key];
  if (value === undefined || value === null) {
    throw malformed(path, `an item lacks ${JSON.stringify(key)}, by which the items of this list are told apart`);
  }
  return textOf(value);
}

/** Merges lists of objects that one field tells apart, in the same order. `mergeItem` merges two of them. */
export function mergeByKey(
  live: readonly unknown[],
  patch: readonly unknown[],
  key: string,
  order: readonly unknown[] | undefined,
  path: string,
  mergeItem: (live: Json, patch: Json) => Json,
): unknown[] {
  const isSwap = (item: unknown): boolean => isObject(item) && item['$patch'] === 'replace' && item[key] === undefined;
  if (patch.some(isSwap)) return patch.filter((item) => !isSwap(item));

  const identify = (item: unknown): string => identity(item, key, path);
  const merged = new Map<string, Json>();
  for (const item of live) merged.set(identify(item), item as Json);
  const set: string[] = [];
  for (const item of patch as readonly Json[]) {
    const id = identify(item);
    if (item['$patch'] === 'delete') {
      merged.delete(id);
      continue;
    }
    set.push(id);
    merged.set(id, mergeItem(merged.get(id) ?? {}, item));
  }
  const wanted = order?.map(identify) ?? set;
  checkOrder(set, wanted, path);
  return arrange([...merged.values()], identify, live.map(identify), wanted);
}

import { objectFilter } from './object-filter.ts';
import type { ServedObject } from './served-object.ts';
import { indexFrom, namespaceRange } from './sorted-objects.ts';
import type { ListPage, ListQuery } from './watch-cache-api.ts';

/** What a query finds in a sorted array. The result does not change when the array does. */
export function listPage(objects: readonly ServedObject[], revision: number, query: ListQuery): ListPage {
  const { namespace, name, nothing, selects } = objectFilter(query);
  if (nothing) return { revision, items: [], more: false };
  let [start, end] = namespaceRange(objects, namespace);
  if (query.after !== undefined) start = Math.max(start, indexFrom(objects, query.after, true));
  if (namespace !== undefined && name !== undefined) {
    start = Math.max(start, indexFrom(objects, { namespace, name }));
    end = Math.min(end, indexFrom(objects, { namespace, name }, true));
  }
  const limit = query.limit === undefined || query.limit === 0 ? Number.POSITIVE_INFINITY : query.limit;
  if (selects === undefined && (name === undefined || namespace !== undefined)) {
    const stop = Math.max(start, Math.min(end, start + limit));
    const remaining = Math.max(0, end - stop);
    return { revision, items: objects.slice(start, stop), more: remaining > 0, remaining };
  }
  const items: ServedObject[] = [];
  for (let at = start; at < end; at++) {
    const object = objects[at];
    if (object === undefined || (name !== undefined && object.key.name !== name)) continue;
    if (selects !== undefined && !selects(object)) continue;
    if (items.length >= limit) return { revision, items, more: true };
    items.push(object);
  }
  return { revision, items, more: false };
}

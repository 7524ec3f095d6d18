import { groupResource } from '../meta/object.ts';
import { statusErrors } from '../meta/status.ts';
import type { ServedObject } from '../storage/served-object.ts';
import type { WatchCache } from '../storage/watch-cache-api.ts';
import { type CachedList, cachedList } from './cached-list.ts';
import { CachedWatches } from './cached-watch.ts';
import { untilCurrent } from './fresh-revision.ts';
import type { ListOptions, RequestContext, WatchOptions, WatchSink } from './resource.ts';

/** What a resource is called. */
export interface ResourceIdentity {
  readonly group: string;
  readonly plural: string;
}

/** The reading verbs of a storage. */
export interface CachedReads {
  /** Answers at once where the cache is never behind. @throws StatusError 404 */
  get(context: RequestContext, name: string): ServedObject | Promise<ServedObject>;
  /** @throws StatusError 410 and 504, see `cachedList` */
  list(context: RequestContext, options: ListOptions): Promise<CachedList>;
  /** Resolves when the watch has begun; events go on until the context's signal is aborted. */
  watch(context: RequestContext, options: WatchOptions, sink: WatchSink): Promise<void>;
}

/** Get, list and watch of one resource over the watch cache. */
export function createCachedReads(options: {
  readonly cache: WatchCache;
  readonly resource: ResourceIdentity;
}): CachedReads {
  const { cache, resource } = options;
  const stored = groupResource(resource.plural, resource.group);
  const watches = new CachedWatches(cache, stored);
  const find = (namespace: string, name: string): ServedObject => {
    const found = cache.get({ resource: stored, namespace, name });
    if (found === undefined) throw statusErrors.notFound({ group: resource.group, resource: resource.plural }, name);
    return found;
  };
  return {
    get: ({ namespace, signal }, name) =>
      untilCurrent(cache, signal)?.then(() => find(namespace, name)) ?? find(namespace, name),
    list: (context, list) => cachedList(cache, stored, list, context.signal),
    watch: (context, watch, sink) => watches.start(context, watch, sink),
  };
}

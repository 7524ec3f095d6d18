import type { KubernetesObject } from '../meta/object.ts';
import type { ExtractionRules } from '../storage/extraction.ts';
import type { Change, Store } from '../storage/store.ts';
import type { WatchCache } from '../storage/watch-cache-api.ts';
import { createCachedReads } from './cached-reads.ts';
import type { RequestContext, ResourceStorage } from './resource.ts';
import { StoreWrites } from './store-writes.ts';

/** The part of a resource's definition that its storage needs. */
export interface StoredResource {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly hasGeneration?: boolean;
}

/** What a storage over the store is made of. */
export interface StoreStorageOptions<T extends KubernetesObject> {
  readonly store: Store;
  readonly cache: WatchCache;
  readonly resource: StoredResource;
  /** The same rules as the cache has for the resource. */
  readonly rules?: ExtractionRules;
  /** Creates what an update does not find, where the update function makes an object of nothing. Default: 404. */
  readonly createOnUpdate?: boolean;
  /**
   * Whether somebody acts on owner references: a GarbageCollector, or that of the cluster. Without, deletions that would wait for one
   * (propagationPolicy Orphan and Foreground) are refused with 400.
   */
  readonly garbageCollected?: boolean;
  /** Called before an object is deleted or marked for it, also in a dry run; throws a StatusError to refuse. */
  beforeDelete?(context: RequestContext, object: T): Promise<void> | void;
  /** What an object says from the moment on in which it has been deleted and waits for its finalizers. */
  deleting?(object: T): T;
  /** Called when a write is durable, before it is answered; not in a dry run, nor when nothing changed. */
  afterCommit?(context: RequestContext, change: Change): Promise<void> | void;
  readonly now?: () => Date;
}

/** Storage for kinds that live in the store alone: the store is the truth, reads come from the watch cache. */
export function createStoreStorage<T extends KubernetesObject>(
  options: StoreStorageOptions<T>,
): Required<ResourceStorage<T>> {
  const writes = new StoreWrites(options);
  const reads = createCachedReads({ cache: options.cache, resource: options.resource });
  return {
    ...reads,
    create: (context, object, write) => writes.create(context, object, write),
    update: (context, name, update, write) => writes.update(context, name, update, write),
    delete: (context, name, write) => writes.delete(context, name, write),
    deleteCollection: async (context, list, write) => {
      const found = await reads.list(context, list);
      return { ...found, items: await writes.deleteAll(context, found.items, write) };
    },
  };
}

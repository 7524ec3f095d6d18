import type { Logger } from 'pino';
import type { EventLog } from './event-log.ts';
import type { ExtractionRules } from './extraction.ts';
import { listPage } from './list-page.ts';
import { Queue } from './queue.ts';
import { ResourceCache, type Watcher } from './resource-cache.ts';
import { RevisionWaiters } from './revision-waiters.ts';
import type { ServedEvent, ServedObject } from './served-object.ts';
import { type Change, CompactedError, type ObjectKey } from './store.ts';
import type { EventListener, ListPage, ListQuery, WatchCache } from './watch-cache-api.ts';

/** How many past events the cache keeps, and how many bytes of states that only they hold. */
export interface CacheBounds {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/** Current state and recent events, filled and fed by `createWatchCache`. */
export class MemoryWatchCache implements WatchCache {
  readonly #rules: ReadonlyMap<string, ExtractionRules>;
  readonly #bounds: CacheBounds;
  readonly #logger: Pick<Logger, 'error'> | undefined;
  readonly #resources = new Map<string, ResourceCache>();
  /** The event logs in the order of their events, to drop the oldest of all. */
  readonly #order = new Queue<EventLog>();
  readonly #revisionListeners = new Set<(revision: number) => void>();
  readonly #waiters = new RevisionWaiters();
  #pastBytes = 0;
  #revision = 0;
  #oldest = 0;
  readonly latestRevision: (() => Promise<number>) | undefined;

  constructor(
    rules: ReadonlyMap<string, ExtractionRules>,
    bounds: CacheBounds,
    logger: Pick<Logger, 'error'> | undefined,
    latestRevision?: () => Promise<number>,
  ) {
    this.latestRevision = latestRevision;
    this.#rules = rules;
    this.#bounds = bounds;
    this.#logger = logger;
  }

  get revision(): number {
    return this.#revision;
  }

  get oldest(): number {
    return this.#oldest;
  }

  /** Takes over a state and the events that led to it. Once, before anything else. */
  load(state: {
    readonly revision: number;
    readonly oldest: number;
    readonly objects: ReadonlyMap<string, ServedObject[]>;
    readonly events: readonly ServedEvent[];
  }): void {
    this.#revision = state.revision;
    this.#oldest = state.oldest;
    for (const [resource, objects] of state.objects) {
      this.#resources.set(resource, new ResourceCache(this.#rules.get(resource), objects));
    }
    for (const event of state.events) {
      const { events } = this.#resource(event.object.key.resource);
      events.push(event);
      this.#keep(events, event);
    }
    this.#evict();
  }

  get(key: ObjectKey): ServedObject | undefined {
    return this.#resources.get(key.resource)?.objects.get(key);
  }

  *counts(): Generator<readonly [string, number]> {
    for (const [resource, { objects }] of this.#resources) yield [resource, objects.size];
  }

  list(resource: string, query: ListQuery = {}): ListPage {
    return listPage(this.#resources.get(resource)?.candidates(query) ?? [], this.#revision, query);
  }

  prefix(resource: string, namespace: string, namePrefix: string): readonly ServedObject[] {
    return this.#resources.get(resource)?.objects.prefix(namespace, namePrefix) ?? [];
  }

  listAt(resource: string, revision: number, query: ListQuery = {}): ListPage {
    this.#requireKept(revision);
    if (revision > this.#revision) throw new RangeError(`revision ${revision} is not there yet`);
    return listPage(this.#resources.get(resource)?.at(revision) ?? [], revision, query);
  }

  watch(resource: string, from: number, listener: EventListener): () => void {
    this.#requireKept(from);
    const cache = this.#resource(resource);
    const watcher: Watcher = { listener, position: from };
    for (const event of cache.events.after(from)) this.#hand(watcher, event);
    cache.watchers.add(watcher);
    return () => {
      cache.watchers.delete(watcher);
    };
  }

  onRevision(listener: (revision: number) => void): () => void {
    this.#revisionListeners.add(listener);
    return () => {
      this.#revisionListeners.delete(listener);
    };
  }

  reached(revision: number, signal: AbortSignal): Promise<void> {
    return revision <= this.#revision ? Promise.resolve() : this.#waiters.wait(revision, signal);
  }

  apply(changes: readonly Change[]): void {
    const events: (readonly [ResourceCache, ServedEvent])[] = [];
    for (const change of changes) {
      const cache = this.#resource(change.object.key.resource);
      const event = cache.apply(change);
      this.#keep(cache.events, event);
      events.push([cache, event]);
      this.#revision = change.revision;
    }
    this.#evict();
    for (const [cache, event] of events) {
      for (const watcher of cache.watchers) this.#hand(watcher, event);
    }
    for (const listener of this.#revisionListeners) this.#tell(listener);
    this.#waiters.advance(this.#revision);
  }

  #hand(watcher: Watcher, event: ServedEvent): void {
    // A watcher that was added by another one's listener has been given this event from the log already.
    if (event.revision <= watcher.position) return;
    watcher.position = event.revision;
    try {
      watcher.listener(event);
    } catch (error) {
      this.#logger?.error({ err: error, resource: event.object.key.resource }, 'a watcher failed on an event');
    }
  }

  #tell(listener: (revision: number) => void): void {
    try {
      listener(this.#revision);
    } catch (error) {
      this.#logger?.error({ err: error }, 'a listener for revisions failed');
    }
  }

  #resource(name: string): ResourceCache {
    let cache = this.#resources.get(name);
    if (cache === undefined) {
      cache = new ResourceCache(this.#rules.get(name));
      this.#resources.set(name, cache);
    }
    return cache;
  }

  #keep(log: EventLog, event: ServedEvent): void {
    this.#order.push(log);
    this.#pastBytes += pastBytes(event);
  }

  #evict(): void {
    const before = this.#oldest;
    while (this.#order.length > this.#bounds.maxEvents || this.#pastBytes > this.#bounds.maxBytes) {
      const event = this.#order.shift()?.shift();
      if (event === undefined) break;
      this.#pastBytes -= pastBytes(event);
      this.#oldest = event.revision;
    }
    if (this.#oldest === before) return;
    for (const cache of this.#resources.values()) cache.forgetBefore(this.#oldest);
  }

  #requireKept(revision: number): void {
    if (revision < this.#oldest) throw new CompactedError(revision, this.#oldest);
  }
}

/** What an event keeps in memory beside the current objects. */
function pastBytes(event: ServedEvent): number {
  const deleted = event.type === 'DELETED' ? event.object.bytes.length : 0;
  return deleted + (event.previous?.bytes.length ?? 0);
}

import type { Logger } from 'pino';
import type { ExtractionRules } from './extraction.ts';
import { keyText } from './key-text.ts';
import { toEvent } from './resource-cache.ts';
import { serveStored } from './served.ts';
import type { ServedEvent, ServedObject } from './served-object.ts';
import type { Change, Snapshot, Store } from './store.ts';
import { type CacheBounds, MemoryWatchCache } from './watch-cache.ts';
import type { WatchCache } from './watch-cache-api.ts';

/** What a watch cache is made of. */
export interface WatchCacheOptions {
  readonly store: Store;
  /** Rules by group resource; resources without any are served without labels. */
  readonly definitions: ReadonlyMap<string, ExtractionRules>;
  readonly logger?: Pick<Logger, 'error'>;
  /** Past events kept for watches that resume. Default: 100 000 events, 64 MiB. */
  readonly bounds?: CacheBounds;
  /** How many past events are read when the cache is created; older positions answer 410. Default: 20 000. */
  readonly history?: number;
}

const defaultBounds: CacheBounds = { maxEvents: 100_000, maxBytes: 64 * 1024 * 1024 };

/** Fills a cache from the store and keeps it up to date: a commit is in the cache before it resolves. */
export async function createWatchCache(options: WatchCacheOptions): Promise<WatchCache> {
  const { store, definitions, logger, history = 20_000 } = options;
  const cache = new MemoryWatchCache(
    definitions,
    options.bounds ?? defaultBounds,
    logger,
    store.latestRevision?.bind(store),
  );
  let early: (readonly Change[])[] | undefined = [];
  store.onCommit((changes) => {
    if (early === undefined) cache.apply(changes);
    else early.push(changes);
  });
  const snapshot = await store.snapshot({ history });
  cache.load(serveSnapshot(snapshot, definitions, logger));
  for (const changes of early) if ((changes[0]?.revision ?? 0) > snapshot.revision) cache.apply(changes);
  early = undefined;
  return cache;
}

function serveSnapshot(
  snapshot: Snapshot,
  definitions: ReadonlyMap<string, ExtractionRules>,
  logger: Pick<Logger, 'error'> | undefined,
) {
  const objects = new Map<string, ServedObject[]>();
  const current = new Map<number, ServedObject>();
  for (const stored of snapshot.objects) {
    const { resource } = stored.key;
    const served = serveStored(stored, definitions.get(resource));
    warm(served, logger);
    current.set(served.revision, served);
    const ofResource = objects.get(resource);
    if (ofResource === undefined) objects.set(resource, [served]);
    else ofResource.push(served);
  }
  const latest = new Map<string, ServedObject>();
  for (const stored of snapshot.earlier) {
    latest.set(keyText(stored.key), serveStored(stored, definitions.get(stored.key.resource)));
  }
  const events: ServedEvent[] = snapshot.changes.map((change) => {
    const { key } = change.object;
    const text = keyText(key);
    const serve = () => current.get(change.revision) ?? serveStored(change.object, definitions.get(key.resource));
    const event = toEvent(change, latest.get(text), serve);
    if (event.type === 'DELETED') latest.delete(text);
    else latest.set(text, event.object);
    return event;
  });
  return { revision: snapshot.revision, oldest: snapshot.changesAfter, objects, events };
}

/** Takes labels, fields and cells out now, so that the first list does not pay for all objects at once. */
function warm(object: ServedObject, logger: Pick<Logger, 'error'> | undefined): void {
  try {
    void object.labels;
  } catch (error) {
    logger?.error({ err: error }, 'a stored object cannot be read; lists that need its fields will fail');
  }
}

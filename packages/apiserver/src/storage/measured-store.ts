import { shortSeconds } from '../metrics/buckets.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { PreconditionFailedError, type Store, StoreUnavailableError } from './store.ts';
import type { WatchCache } from './watch-cache-api.ts';

function outcomeOf(error: unknown): string {
  if (error instanceof PreconditionFailedError) return 'conflict';
  return error instanceof StoreUnavailableError ? 'unavailable' : 'error';
}

/** The same store, with its commits and reads of content timed. */
export function measureStore(store: Store, metrics: Metrics): Store {
  const commits = metrics.histogram({
    name: 'apiserver_storage_commit_duration_seconds',
    help: 'Time until a write set is durable, or refused; outcome committed, conflict, unavailable or error. Dry runs are left out.',
    labels: ['outcome'],
    buckets: shortSeconds,
  });
  const contents = metrics.histogram({
    name: 'apiserver_storage_content_read_duration_seconds',
    help: 'Time to read the content of an object.',
    buckets: shortSeconds,
  });
  const { latestRevision } = store;
  return {
    snapshot: (options) => store.snapshot(options),
    async commit(writeSet, options) {
      if (options?.dryRun === true) return await store.commit(writeSet, options);
      const begun = performance.now();
      let outcome = 'committed';
      try {
        return await store.commit(writeSet, options);
      } catch (error) {
        outcome = outcomeOf(error);
        throw error;
      } finally {
        commits.observe({ outcome }, (performance.now() - begun) / 1000);
      }
    },
    onCommit: (listener) => store.onCommit(listener),
    ...(latestRevision === undefined ? {} : { latestRevision: () => latestRevision.call(store) }),
    changesAfter: (revision, limit) => store.changesAfter(revision, limit),
    objectAt: (key, revision) => store.objectAt(key, revision),
    async content(digest) {
      const begun = performance.now();
      try {
        return await store.content(digest);
      } finally {
        contents.observe({}, (performance.now() - begun) / 1000);
      }
    },
    compact: (revision, graceMs) => store.compact(revision, graceMs),
    close: () => store.close(),
  };
}

/** Reports how many objects of each resource there are, and up to which revision the cache has come. */
export function measureObjects(cache: Pick<WatchCache, 'counts' | 'revision'>, metrics: Metrics): void {
  metrics.observedGauge(
    { name: 'apiserver_storage_objects', help: 'Objects in the store, by resource.', labels: ['resource'] },
    function* () {
      for (const [resource, count] of cache.counts()) yield [{ resource }, count];
    },
  );
  metrics.observedGauge(
    { name: 'apiserver_watch_cache_resource_version', help: 'Revision up to which this process has seen the changes.' },
    () => [[{}, cache.revision]],
  );
}

import { shortSeconds } from '../metrics/buckets.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Observers } from '../metrics/observers.ts';
import { timed } from '../metrics/timed.ts';
import { PreconditionFailedError, type Store, StoreUnavailableError } from './store.ts';
import type { WatchCache } from './watch-cache-api.ts';

function outcomeOf(error: unknown): string {
  if (error instanceof PreconditionFailedError) return 'conflict';
  return error instanceof StoreUnavailableError ? 'unavailable' : 'error';
}

/** The same store, with its commits and reads of content timed and traced. */
export function observeStore(store: Store, { metrics, tracing }: Observers): Store {
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
  const { latestRevision, backup, expectClose } = store;
  return {
    snapshot: (options) => store.snapshot(options),
    commit(writeSet, options) {
      const dryRun = options?.dryRun === true;
      const operations = writeSet.operations.length;
      return tracing.span('store commit', { 'porch.operations': operations, 'porch.dry_run': dryRun }, () =>
        timed(
          () => store.commit(writeSet, options),
          { result: () => 'committed', failure: outcomeOf },
          (outcome, took) => {
            if (!dryRun) commits.observe({ outcome }, took);
          },
        ),
      );
    },
    onCommit: (listener) => store.onCommit(listener),
    ...(latestRevision === undefined ? {} : { latestRevision: () => latestRevision.call(store) }),
    changesAfter: (revision, limit) => store.changesAfter(revision, limit),
    objectAt: (key, revision) => store.objectAt(key, revision),
    content: (digest) =>
      tracing.span('store content', {}, () =>
        timed(
          () => store.content(digest),
          { failure: outcomeOf },
          (_, took) => contents.observe({}, took),
        ),
      ),
    compact: (revision, graceMs) => store.compact(revision, graceMs),
    ...(backup === undefined ? {} : { backup: (file) => backup.call(store, file) }),
    ...(expectClose === undefined ? {} : { expectClose: () => expectClose.call(store) }),
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

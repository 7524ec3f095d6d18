import { type Histogram, longSeconds, type Metrics } from '@porch/apiserver';

/** How the synchronisation of one repository has gone of late. */
export interface SyncHistory {
  readonly namespace: string;
  readonly name: string;
  /** When the last one succeeded; milliseconds since the epoch. */
  readonly succeededAt: number | undefined;
  /** How many have failed since. */
  readonly failures: number;
}

/** What is measured of synchronisations, made once for a process. */
export interface SyncMetrics {
  readonly seconds: Histogram<'outcome'>;
  /** Reports how each repository stands, until the function that it returns is called. Controllers that follow one another take turns. */
  follow(histories: () => Iterable<SyncHistory>): () => void;
}

/** Makes the metrics of synchronisations. */
export function createSyncMetrics(metrics: Metrics): SyncMetrics {
  const none = (): Iterable<SyncHistory> => [];
  let histories = none;
  const labels = ['namespace', 'repository'] as const;
  metrics.observedGauge(
    {
      name: 'porch_repository_last_sync_timestamp_seconds',
      help: 'When a repository was last synchronised, in seconds since the epoch, since the start of this process.',
      labels,
    },
    function* () {
      for (const { namespace, name, succeededAt } of histories()) {
        if (succeededAt !== undefined) yield [{ namespace, repository: name }, succeededAt / 1000];
      }
    },
  );
  metrics.observedGauge(
    { name: 'porch_repository_sync_failures', help: 'Synchronisations that failed one after the other.', labels },
    function* () {
      for (const { namespace, name, failures } of histories()) yield [{ namespace, repository: name }, failures];
    },
  );
  const seconds = metrics.histogram<'outcome'>({
    name: 'porch_repository_sync_duration_seconds',
    help: 'Time of synchronisations; outcome unchanged, changed, stopped, the class of the Git error, or Error.',
    labels: ['outcome'],
    buckets: longSeconds,
  });
  return {
    seconds,
    follow(followed) {
      histories = followed;
      return () => {
        if (histories === followed) histories = none;
      };
    },
  };
}

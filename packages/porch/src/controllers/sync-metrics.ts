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

/** Reports how each repository stands, and gives what the durations of synchronisations go into. */
export function measureSyncs(histories: () => Iterable<SyncHistory>, metrics: Metrics): Histogram<'outcome'> {
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
  return metrics.histogram({
    name: 'porch_repository_sync_duration_seconds',
    help: 'Time of synchronisations; outcome unchanged, changed, stopped, the class of the Git error, or Error.',
    labels: ['outcome'],
    buckets: longSeconds,
  });
}

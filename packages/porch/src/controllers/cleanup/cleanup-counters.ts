import type { Counter, Metrics } from '@porch/apiserver';

/** What all cleanups of a process count. Made once: a cleanup may begin anew when its process gets its lease back. */
export interface CleanupCounters {
  readonly removed: Counter<'kind'>;
  readonly rounds: Counter<'outcome'>;
}

/** Makes the counters. @throws Error when the metrics have them already */
export function createCleanupCounters(metrics: Metrics): CleanupCounters {
  return {
    removed: metrics.counter({
      name: 'porch_cleanup_removed_total',
      help: 'What the cleanup has removed, by kind: records, what was kept of old deletions, package revisions without a Repository, mirrors.',
      labels: ['kind'],
    }),
    rounds: metrics.counter({
      name: 'porch_cleanup_rounds_total',
      help: 'Rounds of the cleanup, by outcome: ok or failed.',
      labels: ['outcome'],
    }),
  };
}

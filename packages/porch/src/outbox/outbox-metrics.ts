import type { Counter, Metrics } from '@porch/apiserver';
import type { Clock } from '../cache/clock.ts';
import type { MirrorQueue } from './mirror-queue.ts';

/** Reports what of each repository waits to be brought to Git, and gives the counter of what has been. */
export function measureOutbox(
  queue: Pick<MirrorQueue, 'backlogs'>,
  clock: Clock,
  metrics: Metrics,
): Counter<'outcome'> {
  const labels = ['namespace', 'repository'] as const;
  metrics.observedGauge(
    { name: 'porch_outbox_drafts_waiting', help: 'Package revisions whose branches are not in Git yet.', labels },
    function* () {
      for (const { namespace, repository, waiting } of queue.backlogs()) yield [{ namespace, repository }, waiting];
    },
  );
  metrics.observedGauge(
    {
      name: 'porch_outbox_oldest_draft_age_seconds',
      help: 'How long the oldest of them has been waiting.',
      labels,
    },
    function* () {
      const now = clock().getTime();
      for (const { namespace, repository, oldest } of queue.backlogs()) {
        if (oldest !== undefined) yield [{ namespace, repository }, Math.max(0, now - oldest.getTime()) / 1000];
      }
    },
  );
  return metrics.counter({
    name: 'porch_outbox_drafts_pushed_total',
    help: 'Package revisions that were to be brought to Git; outcome ok or failed, to be tried again.',
    labels: ['outcome'],
  });
}

import type { Counter, Metrics } from '@porch/apiserver';
import type { Clock } from '../cache/clock.ts';
import type { MarkedObjects } from '../cache/marked-objects.ts';
import type { RevisionCache } from '../cache/revision-cache.ts';
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

/** Reports of each repository how many publications and deletions are not known to have ended. */
export function measureIntents(
  intents: Pick<MarkedObjects, 'keys'>,
  cache: Pick<RevisionCache, 'state'>,
  metrics: Metrics,
): void {
  metrics.observedGauge(
    {
      name: 'porch_outbox_pushes_unsettled',
      help: 'Publications and deletions whose push is under way or of unknown outcome.',
      labels: ['namespace', 'repository'],
    },
    function* () {
      const counts = new Map<string, { readonly labels: Record<'namespace' | 'repository', string>; count: number }>();
      for (const { namespace, name } of intents.keys()) {
        const repository = cache.state(namespace, name)?.value.repository;
        if (repository === undefined) continue;
        const key = `${namespace}/${repository}`;
        const entry = counts.get(key) ?? { labels: { namespace, repository }, count: 0 };
        entry.count++;
        counts.set(key, entry);
      }
      for (const { labels, count } of counts.values()) yield [labels, count];
    },
  );
}

import { createPrometheusMetrics } from '@porch/apiserver';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createSyncMetrics } from './sync-metrics.ts';

const history = (name: string, failures: number) => ({ namespace: 'n', name, failures, succeededAt: 5_000 });

it('reports for one controller after another, and for none in between', async () => {
  const registry = new Registry();
  const metrics = createSyncMetrics(createPrometheusMetrics(registry));
  const failing = async () => (await registry.metrics()).match(/^porch_repository_sync_failures\{.*$/gm) ?? [];
  expect(await failing()).toEqual([]);
  const first = metrics.follow(() => [history('a', 1)]);
  expect(await failing()).toEqual(['porch_repository_sync_failures{namespace="n",repository="a"} 1']);
  first();
  expect(await failing()).toEqual([]);
  metrics.follow(() => [history('b', 2)]);
  first();
  expect(await failing()).toEqual(['porch_repository_sync_failures{namespace="n",repository="b"} 2']);
});

import { createPrometheusMetrics, type MetricsRegistry } from '@porch/apiserver';
import { collectDefaultMetrics, Registry } from 'prom-client';

/** The server's metrics, with those of its process and of Node.js in them already. */
export function openMetrics(): MetricsRegistry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return createPrometheusMetrics(registry);
}

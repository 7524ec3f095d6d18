import type { Tracing } from '../tracing/tracing.ts';
import type { Metrics } from './metrics.ts';

/** What a part is observed with. */
export interface Observers {
  readonly metrics: Metrics;
  readonly tracing: Tracing;
}

import { exponentialBuckets, requestSeconds } from '../metrics/buckets.ts';
import type { Counter, Gauge, Histogram, Metrics } from '../metrics/metrics.ts';
import { type ResourceLabel, resourceLabels, type TargetLabel, targetLabels } from './request-labels.ts';

/** What is measured of requests, under the names that kube-apiserver uses. */
export interface RequestMetrics {
  readonly requests: Counter<TargetLabel | 'dry_run' | 'code'>;
  readonly seconds: Histogram<TargetLabel | 'dry_run'>;
  readonly requestBytes: Histogram<'verb' | 'group' | 'resource'>;
  readonly responseBytes: Histogram<TargetLabel>;
  readonly inFlight: Gauge<'request_kind'>;
  readonly longRunning: Gauge<TargetLabel>;
  readonly terminations: Counter<TargetLabel | 'code'>;
  readonly aborts: Counter<TargetLabel>;
}

/** The metrics of one server's requests. */
export function createRequestMetrics(metrics: Metrics): RequestMetrics {
  return {
    requests: metrics.counter({
      name: 'apiserver_request_total',
      help: 'Requests, by what they asked for and how they were answered; code 0: the client left before.',
      labels: [...targetLabels, 'dry_run', 'code'],
    }),
    seconds: metrics.histogram({
      name: 'apiserver_request_duration_seconds',
      help: 'Time from the arrival of a request to the end of its answer.',
      labels: [...targetLabels, 'dry_run'],
      buckets: requestSeconds,
    }),
    requestBytes: metrics.histogram({
      name: 'apiserver_request_body_size_bytes',
      help: 'Sizes of the bodies of requests.',
      labels: ['verb', 'group', 'resource'],
      buckets: exponentialBuckets(1000, 4, 8),
    }),
    responseBytes: metrics.histogram({
      name: 'apiserver_response_sizes',
      help: 'Sizes in bytes of the answers to GET and LIST, as sent.',
      labels: targetLabels,
      buckets: exponentialBuckets(1000, 10, 7),
    }),
    inFlight: metrics.gauge({
      name: 'apiserver_current_inflight_requests',
      help: 'Requests under way that count against the limits, watches excluded.',
      labels: ['request_kind'],
    }),
    longRunning: metrics.gauge({
      name: 'apiserver_longrunning_requests',
      help: 'Watches that are open.',
      labels: targetLabels,
    }),
    terminations: metrics.counter({
      name: 'apiserver_request_terminations_total',
      help: 'Requests that the server refused or gave up to protect itself: too many (429), too long (504), stopping (503).',
      labels: [...targetLabels, 'code'],
    }),
    aborts: metrics.counter({
      name: 'apiserver_request_aborts_total',
      help: 'Requests whose client left before it was answered.',
      labels: targetLabels,
    }),
  };
}

/** What is measured of watches. */
export interface WatchMetrics {
  readonly events: Counter<ResourceLabel>;
  readonly eventBytes: Histogram<ResourceLabel>;
  readonly terminated: Counter<ResourceLabel>;
}

/** The metrics of one server's watches. */
export function createWatchMetrics(metrics: Metrics): WatchMetrics {
  return {
    events: metrics.counter({
      name: 'apiserver_watch_events_total',
      help: 'Events handed to watches, one for each watch that an event goes to.',
      labels: resourceLabels,
    }),
    eventBytes: metrics.histogram({
      name: 'apiserver_watch_events_sizes',
      help: 'Sizes in bytes of the objects in watch events, each change counted once, however many watches hear of it.',
      labels: resourceLabels,
      buckets: exponentialBuckets(1024, 2, 8),
    }),
    terminated: metrics.counter({
      name: 'apiserver_terminated_watchers_total',
      help: 'Watches that were cut off because their client did not keep up.',
      labels: resourceLabels,
    }),
  };
}

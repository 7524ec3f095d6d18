import { isClientGone } from './client-gone.ts';
import type { Exchange } from './exchange.ts';
import type { Filter } from './filter.ts';
import type { RequestLabels } from './request-labels.ts';
import type { RequestMetrics } from './request-metrics.ts';

function isReading(exchange: Exchange): boolean {
  const { info } = exchange;
  return info.type === 'resource' && (info.verb === 'get' || info.verb === 'list');
}

/** Counts requests once they are answered. Stands outside of the filter that answers errors, to see what it makes of them. */
export function requestMetricsFilter(metrics: RequestMetrics, labelsOf: RequestLabels, now: () => number): Filter {
  return async (exchange, next) => {
    try {
      await next();
    } finally {
      const { response, abort, info } = exchange;
      const labels = labelsOf(exchange);
      const watching = info.verb === 'watch' && response.statusCode < 400;
      const gone = !watching && isClientGone(abort.signal.reason);
      const code = gone ? '0' : String(response.statusCode);
      const { verb, group, resource } = labels;
      const dryRun = exchange.query.has('dryRun') ? 'All' : '';
      metrics.requests.add({ ...labels, dry_run: dryRun, code });
      metrics.seconds.observe({ ...labels, dry_run: dryRun }, Math.max(0, now() - exchange.receivedAt) / 1000);
      if (exchange.receivedBytes > 0) metrics.requestBytes.observe({ verb, group, resource }, exchange.receivedBytes);
      if (isReading(exchange)) metrics.responseBytes.observe(labels, exchange.sentBytes);
      if (gone) metrics.aborts.add(labels);
      else if (exchange.terminated === true) metrics.terminations.add({ ...labels, code });
    }
  };
}

/** Keeps count of open watches. */
export function longRunningFilter(metrics: RequestMetrics, labelsOf: RequestLabels): Filter {
  return async (exchange, next) => {
    if (exchange.info.verb !== 'watch') return await next();
    const labels = labelsOf(exchange);
    metrics.longRunning.add(labels, 1);
    try {
      await next();
    } finally {
      metrics.longRunning.add(labels, -1);
    }
  };
}

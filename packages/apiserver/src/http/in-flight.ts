import type { Exchange } from './exchange.ts';
import type { Filter } from './filter.ts';
import { isHealthPath } from './request-info.ts';
import type { RequestMetrics } from './request-metrics.ts';
import { sendText } from './respond.ts';

/** How many requests of a class may be under way at once. */
export interface InFlightLimits {
  readonly reads: number;
  readonly writes: number;
}

/** How Kubernetes calls the classes in its metrics, which do not have the health checks. */
const kinds = { reads: { request_kind: 'readOnly' }, writes: { request_kind: 'mutating' } } as const;

const reading = new Set(['get', 'list']);

type Class = keyof InFlightLimits | 'health';

function classOf(exchange: Exchange): Class | undefined {
  const { info } = exchange;
  if (info.type === 'resource') {
    if (info.verb === 'watch') return undefined;
    return reading.has(info.verb) ? 'reads' : 'writes';
  }
  if (isHealthPath(info.path)) return 'health';
  return info.verb === 'get' || info.verb === 'head' ? 'reads' : 'writes';
}

/**
 * Refuses what is too much with 429, before it costs anything. Watches do not count. Health checks, which may be as many as reads, are
 * counted for themselves: whoever runs the server ends it when they fail, and anybody may send them. `measured` follows the numbers of
 * the others.
 */
export function inFlightFilter(limits: InFlightLimits, measured: RequestMetrics['inFlight']): Filter {
  const underWay = { reads: 0, writes: 0, health: 0 };
  const most = { ...limits, health: limits.reads };
  const add = (kind: Class, change: 1 | -1): void => {
    underWay[kind] += change;
    if (kind !== 'health') measured.set(kinds[kind], underWay[kind]);
  };
  return async (exchange, next) => {
    const kind = classOf(exchange);
    if (kind === undefined) {
      await next();
      return;
    }
    if (underWay[kind] >= most[kind]) {
      exchange.terminated = true;
      await sendText(exchange, 429, 'Too many requests, please try again later.\n', { 'retry-after': '1' });
      return;
    }
    add(kind, 1);
    try {
      await next();
    } finally {
      add(kind, -1);
    }
  };
}

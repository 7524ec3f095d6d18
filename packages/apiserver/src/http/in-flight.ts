import type { Exchange } from './exchange.ts';
import type { Filter } from './filter.ts';
import type { RequestMetrics } from './request-metrics.ts';
import { sendText } from './respond.ts';

/** How many requests of a class may be under way at once. */
export interface InFlightLimits {
  readonly reads: number;
  readonly writes: number;
}

/** How Kubernetes calls the classes in its metrics. */
const kinds = { reads: { request_kind: 'readOnly' }, writes: { request_kind: 'mutating' } } as const;

const reading = new Set(['get', 'list']);

function classOf(exchange: Exchange): 'reads' | 'writes' | undefined {
  const { info } = exchange;
  if (info.type === 'resource') {
    if (info.verb === 'watch') return undefined;
    return reading.has(info.verb) ? 'reads' : 'writes';
  }
  return info.verb === 'get' || info.verb === 'head' ? 'reads' : 'writes';
}

/** Refuses what is too much with 429, before it costs anything. Watches do not count. `measured` follows the numbers. */
export function inFlightFilter(limits: InFlightLimits, measured: RequestMetrics['inFlight']): Filter {
  const underWay = { reads: 0, writes: 0 };
  return async (exchange, next) => {
    const kind = classOf(exchange);
    if (kind === undefined) {
      await next();
      return;
    }
    if (underWay[kind] >= limits[kind]) {
      exchange.terminated = true;
      await sendText(exchange, 429, 'Too many requests, please try again later.\n', { 'retry-after': '1' });
      return;
    }
    underWay[kind]++;
    measured.set(kinds[kind], underWay[kind]);
    try {
      await next();
    } finally {
      underWay[kind]--;
      measured.set(kinds[kind], underWay[kind]);
    }
  };
}

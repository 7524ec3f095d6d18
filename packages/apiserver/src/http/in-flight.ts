import { statusErrors } from '../meta/status.ts';
import type { Exchange } from './exchange.ts';
import type { Filter } from './filter.ts';
import { isHealthPath } from './request-info.ts';
import type { RequestMetrics } from './request-metrics.ts';
import { RequestPlaces } from './request-places.ts';
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
 * Refuses what is too much with 429, before it costs anything. Writes whose bodies are slow to come are given up for new ones. Watches do not
 * count. Health checks, which may be as many as reads, are counted for themselves: whoever runs the server ends it when they fail, and anybody
 * may send them. `measured` follows the numbers of the others.
 */
export function inFlightFilter(limits: InFlightLimits, measured: RequestMetrics['inFlight']): Filter {
  const classes = {
    reads: new RequestPlaces(limits.reads),
    writes: new RequestPlaces(limits.writes),
    health: new RequestPlaces(limits.reads),
  };
  const measure = (kind: Class): void => {
    if (kind !== 'health') measured.set(kinds[kind], classes[kind].taken);
  };
  return async (exchange, next) => {
    const kind = classOf(exchange);
    if (kind === undefined) {
      await next();
      return;
    }
    const place = classes[kind].take(exchange.user.name, () => {
      exchange.terminated = true;
      exchange.abort.abort(statusErrors.tooManyRequests('too many requests, please try again later', 1));
    });
    if (place === undefined) {
      exchange.terminated = true;
      await sendText(exchange, 429, 'Too many requests, please try again later.\n', { 'retry-after': '1' });
      return;
    }
    exchange.place = place;
    measure(kind);
    try {
      await next();
    } finally {
      place.leave();
      measure(kind);
    }
  };
}

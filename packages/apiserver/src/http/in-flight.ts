import type { Exchange } from './exchange.ts';
import type { Filter } from './filter.ts';
import { sendText } from './respond.ts';

/** How many requests of a class may be under way at once. */
export interface InFlightLimits {
  readonly reads: number;
  readonly writes: number;
}

const reading = new Set(['get', 'list']);

function classOf(exchange: Exchange): 'reads' | 'writes' | undefined {
  const { info } = exchange;
  if (info.type === 'resource') {
    if (info.verb === 'watch') return undefined;
    return reading.has(info.verb) ? 'reads' : 'writes';
  }
  return info.verb === 'get' || info.verb === 'head' ? 'reads' : 'writes';
}

/** Refuses what is too much with 429, before it costs anything. Watches do not count. */
export function inFlightFilter(limits: InFlightLimits): Filter {
  const underWay = { reads: 0, writes: 0 };
  return async (exchange, next) => {
    const kind = classOf(exchange);
    if (kind === undefined) {
      await next();
      return;
    }
    if (underWay[kind] >= limits[kind]) {
      await sendText(exchange, 429, 'Too many requests, please try again later.\n', { 'retry-after': '1' });
      return;
    }
    underWay[kind]++;
    try {
      await next();
    } finally {
      underWay[kind]--;
    }
  };
}

import { statusErrors } from '../meta/status.ts';
import type { Exchange } from './exchange.ts';
import type { Filter } from './filter.ts';
import { isHealthPath } from './request-info.ts';

/** Knows which requests are under way, and turns new ones away once the server stops. */
export interface RequestTracker {
  readonly filter: Filter;
  /** How many are under way. */
  readonly size: number;
  /** From now on, everything but health checks is answered with 503. */
  refuseNew(): void;
  /** Resolves when no request is under way. */
  idle(): Promise<void>;
  /** Aborts what is still under way. */
  abortAll(reason: Error): void;
}

/** A tracker of one server's requests. */
export function createRequestTracker(): RequestTracker {
  const underWay = new Set<Exchange>();
  let refusing = false;
  let waiting: (() => void)[] = [];

  return {
    get size() {
      return underWay.size;
    },
    async filter(exchange, next) {
      if (refusing && !isHealthPath(exchange.path)) {
        const error = statusErrors.serviceUnavailable('the server is shutting down; try again in a moment');
        error.status.details = { retryAfterSeconds: 1 };
        exchange.terminated = true;
        throw error;
      }
      underWay.add(exchange);
      try {
        await next();
      } finally {
        underWay.delete(exchange);
        if (underWay.size === 0) {
          for (const resolve of waiting) resolve();
          waiting = [];
        }
      }
    },
    refuseNew() {
      refusing = true;
    },
    async idle() {
      if (underWay.size > 0) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    abortAll(reason) {
      for (const exchange of underWay) {
        exchange.terminated = true;
        exchange.abort.abort(reason);
      }
    },
  };
}

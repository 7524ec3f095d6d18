import type { Exchange } from './exchange.ts';

/** One step of a request's life: does its part, and calls `next` for the rest (or does not). */
export type Filter = (exchange: Exchange, next: () => Promise<void>) => Promise<void>;

/** Joins filters, outermost first, around what ends them. */
export function composeFilters(
  filters: readonly Filter[],
  last: (exchange: Exchange) => Promise<void>,
): (exchange: Exchange) => Promise<void> {
  return filters.reduceRight<(exchange: Exchange) => Promise<void>>(
    (inner, filter) => (exchange) => filter(exchange, () => inner(exchange)),
    last,
  );
}

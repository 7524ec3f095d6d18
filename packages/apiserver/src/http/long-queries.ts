import type { Filter } from './filter.ts';

/** Memory that a watch takes for each character of its path and query, in bytes, at about the most: values of selectors can be short. */
const bytesPerCharacter = 16;

/**
 * Counts what requests keep of long queries among what waits for slow clients, for as long as they last: any number of watches can be open,
 * and bodies and answers can be slow. Refuses with 429 what finds no room.
 */
export const longQueryFilter: Filter = async (exchange, next) => {
  const release = exchange.unsent?.hold(exchange, bytesPerCharacter * exchange.targetLength, true);
  try {
    await next();
  } finally {
    release?.();
  }
};

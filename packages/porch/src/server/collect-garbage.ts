import { Session } from 'node:inspector/promises';
import type { WatchCache } from '@porch/apiserver';

/** Loading fewer objects leaves less than what a server begins with. */
const manyObjects = 1000;

/**
 * Collects garbage now, where many objects have been loaded. That leaves more of it than the objects take, and nothing else makes V8 give
 * it back for a long time. Takes up to some hundred milliseconds, in which the thread does nothing else: for the start only.
 */
export async function collectGarbageOf(objects: Pick<WatchCache, 'counts'>): Promise<void> {
  let loaded = 0;
  for (const [, count] of objects.counts()) loaded += count;
  if (loaded < manyObjects) return;
  const session = new Session();
  session.connect();
  try {
    await session.post('HeapProfiler.collectGarbage');
  } finally {
    session.disconnect();
  }
}

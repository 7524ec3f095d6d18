import { Session } from 'node:inspector/promises';
import { getHeapStatistics } from 'node:v8';

/** With less than this on the heap, in bytes, there is little to give back: a server without objects has begun with nearly as much. */
const WORTHWHILE = 64 << 20;

/**
 * Collects garbage now, where there is much. Loading thousands of objects leaves more of it than the objects take, and nothing else makes
 * V8 give that back for a long time. Takes up to some hundred milliseconds, in which the thread does nothing else: for the start only.
 */
export async function collectGarbage(): Promise<void> {
  if (getHeapStatistics().used_heap_size < WORTHWHILE) return;
  const session = new Session();
  session.connect();
  try {
    await session.post('HeapProfiler.collectGarbage');
  } finally {
    session.disconnect();
  }
}

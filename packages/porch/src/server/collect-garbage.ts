import { Session } from 'node:inspector/promises';

/**
 * Collects garbage now. Loading thousands of objects leaves more of it than the objects take, and nothing else makes V8 give that
 * back for a long time. Takes tens of milliseconds, in which the thread does nothing else: for the start only.
 */
export async function collectGarbage(): Promise<void> {
  const session = new Session();
  session.connect();
  try {
    await session.post('HeapProfiler.collectGarbage');
  } finally {
    session.disconnect();
  }
}

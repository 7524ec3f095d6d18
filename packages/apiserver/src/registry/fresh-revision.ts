import { statusErrors } from '../meta/status.ts';
import type { WatchCache } from '../storage/watch-cache-api.ts';

/** How long a read waits for a revision that this server has not seen yet. */
const freshnessTimeoutMs = 3000;

/**
 * Waits until the cache has reached a revision.
 * @throws StatusError 504 "Too large resource version" when it does not come in time; the signal's reason when that aborts
 */
export async function waitForRevision(
  cache: WatchCache,
  revision: number,
  signal: AbortSignal,
  timeoutMs = freshnessTimeoutMs,
): Promise<void> {
  if (revision <= cache.revision) return;
  try {
    await cache.reached(revision, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
  } catch (error) {
    if (signal.aborted) throw error;
    throw statusErrors.tooLargeResourceVersion(revision, cache.revision);
  }
}

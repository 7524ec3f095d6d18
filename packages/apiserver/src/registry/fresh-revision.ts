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

/**
 * Waits until the cache has everything that was acknowledged before the call, by whichever process. Returns undefined, and costs nothing,
 * where the cache is never behind: over a store that only this process writes to.
 * @throws StatusError 504 when it does not come in time; the signal's reason when that aborts; StoreUnavailableError
 */
export function untilCurrent(cache: WatchCache, signal: AbortSignal): Promise<void> | undefined {
  if (cache.latestRevision === undefined) return undefined;
  return cache.latestRevision().then((revision) => waitForRevision(cache, revision, signal));
}

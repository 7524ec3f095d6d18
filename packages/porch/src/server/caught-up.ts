import type { WatchCache } from '@porch/apiserver';

/** How long to wait until what another process has written is seen, in milliseconds. */
const seenMs = 10_000;

/**
 * Resolves when all that was acknowledged anywhere before the call is in memory.
 * @throws StoreUnavailableError when the database is away
 */
export async function caughtUp(objects: WatchCache): Promise<void> {
  const latest = await objects.latestRevision?.();
  if (latest !== undefined) await objects.reached(latest, AbortSignal.timeout(seenMs));
}

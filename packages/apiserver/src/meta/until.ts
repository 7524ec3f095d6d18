/** How long to wait. */
export interface UntilOptions {
  /** Rejects the wait with its reason. */
  readonly signal?: AbortSignal;
  /** The wait ends after so many milliseconds, whatever is true. */
  readonly mostMs: number;
}

/**
 * Waits until something is true, or for as long as is reasonable: whoever waits looks again. `watch` calls its listener after every change
 * that may have made it true, and returns what ends that.
 */
export async function until(
  isTrue: () => boolean,
  watch: (listener: () => void) => () => void,
  { signal, mostMs }: UntilOptions,
): Promise<void> {
  signal?.throwIfAborted();
  if (isTrue()) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timeout = AbortSignal.timeout(mostMs);
  const ended = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  ended.addEventListener('abort', () => resolve(), { once: true });
  let isWatching = false;
  const look = (): void => {
    if (isWatching && isTrue()) resolve();
  };
  // A watch may begin with telling of all that is there: that is worth one look, not one each.
  const stop = watch(look);
  isWatching = true;
  look();
  try {
    await promise;
  } finally {
    stop();
  }
  signal?.throwIfAborted();
}

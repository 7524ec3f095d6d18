import type { Registrations } from './registrations.ts';

/**
 * Waits until something is true of the registered repositories, or for as long as is reasonable: whoever asks looks again.
 * Rejects with the signal's reason when that aborts.
 */
export async function awaitRegistrations(
  registrations: Pick<Registrations, 'watch'>,
  isTrue: () => boolean,
  { signal, mostMs }: { readonly signal: AbortSignal; readonly mostMs: number },
): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve } = Promise.withResolvers<void>();
  const ended = AbortSignal.any([signal, AbortSignal.timeout(mostMs)]);
  ended.addEventListener('abort', () => resolve(), { once: true });
  const stop = registrations.watch(() => {
    if (isTrue()) resolve();
  });
  try {
    await promise;
  } finally {
    stop();
  }
  signal.throwIfAborted();
}

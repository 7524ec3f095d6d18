/**
 * Fetches of one mirror, one after the other. Whoever asks while a fetch with the same access waits for its turn shares it; one that
 * already runs may have read the remote's references before, so it is not shared.
 */

interface Shared {
  readonly promise: Promise<void>;
  readonly abort: AbortController;
  waiters: number;
}

/** Serialises and shares fetches. */
export class FetchQueue {
  readonly #waiting = new Map<string, Shared>();
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Resolves after a fetch that began after this call. `signal` ends only the caller's waiting; the fetch itself ends when nobody
   * waits for it any more.
   */
  async fetch(key: string, run: (signal: AbortSignal) => Promise<void>, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const shared = this.#waiting.get(key) ?? this.#enqueue(key, run);
    shared.waiters += 1;
    const aborted = Promise.withResolvers<never>();
    const onAbort = () => {
      shared.waiters -= 1;
      if (shared.waiters === 0) this.#cancel(key, shared, signal?.reason);
      aborted.reject(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([shared.promise, aborted.promise]);
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #enqueue(key: string, run: (signal: AbortSignal) => Promise<void>): Shared {
    const abort = new AbortController();
    const promise = this.#last.then(async () => {
      if (this.#waiting.get(key) === shared) this.#waiting.delete(key);
      abort.signal.throwIfAborted();
      await run(abort.signal);
    });
    const shared: Shared = { promise, abort, waiters: 0 };
    // Those who wait see the error; the next in the queue only needs to know that this one is over.
    this.#last = promise.catch(() => undefined);
    this.#waiting.set(key, shared);
    return shared;
  }

  #cancel(key: string, shared: Shared, reason: unknown): void {
    if (this.#waiting.get(key) === shared) this.#waiting.delete(key);
    shared.abort.abort(reason);
  }
}

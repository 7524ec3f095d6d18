/** Those who wait for a revision to become visible. */
export class RevisionWaiters {
  readonly #waiting = new Set<{
    readonly revision: number;
    readonly resolve: () => void;
    readonly reject: (reason: unknown) => void;
  }>();

  /** Resolves at the first `advance` to the revision or beyond; rejects with the signal's reason when it aborts before. */
  wait(revision: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const end = () => {
        this.#waiting.delete(waiter);
        signal.removeEventListener('abort', aborted);
      };
      const aborted = () => waiter.reject(signal.reason);
      const waiter = {
        revision,
        resolve: () => {
          end();
          resolve();
        },
        reject: (reason: unknown) => {
          end();
          reject(reason);
        },
      };
      this.#waiting.add(waiter);
      signal.addEventListener('abort', aborted, { once: true });
    });
  }

  advance(revision: number): void {
    for (const waiter of this.#waiting) if (waiter.revision <= revision) waiter.resolve();
  }

  /** Gives the reason to all who wait now. */
  fail(reason: unknown): void {
    for (const waiter of this.#waiting) waiter.reject(reason);
  }
}

/** How a queue works through its items. */
export interface RetryQueueOptions<T> {
  /** Does what an item needs. When it throws, the item comes back later. */
  work(item: T): Promise<void>;
  /** Is told of each failure; `attempt` counts from 1. Must not throw. */
  failed(item: T, error: unknown, attempt: number): void;
  /** Items worked on at once. */
  readonly concurrency: number;
  /** Pause before the second attempt, in milliseconds; it doubles with each one up to `longestRetryMs`. */
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
}

/**
 * Items to look at, each by its key. An item is in line once, however often it is added; one that is added while it is worked on is
 * worked on once more.
 */
export class RetryQueue<T> {
  readonly #options: RetryQueueOptions<T>;
  readonly #waiting = new Map<string, T>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #attempts = new Map<string, number>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #closed = false;

  constructor(options: RetryQueueOptions<T>) {
    this.#options = options;
  }

  add(key: string, item: T): void {
    if (this.#closed) return;
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    this.#waiting.set(key, item);
    queueMicrotask(() => this.#next());
  }

  /** Takes no more, and waits for what is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting.clear();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    await Promise.all(this.#running.values());
  }

  #next(): void {
    for (const [key, item] of this.#waiting) {
      if (this.#running.size >= this.#options.concurrency) return;
      if (this.#running.has(key)) continue;
      this.#waiting.delete(key);
      const running = this.#run(key, item).finally(() => {
        this.#running.delete(key);
        this.#next();
      });
      this.#running.set(key, running);
    }
  }

  async #run(key: string, item: T): Promise<void> {
    try {
      await this.#options.work(item);
      this.#attempts.delete(key);
    } catch (error) {
      const attempt = (this.#attempts.get(key) ?? 0) + 1;
      this.#attempts.set(key, attempt);
      this.#options.failed(item, error, attempt);
      if (!this.#closed && !this.#waiting.has(key)) this.#again(key, item, attempt);
    }
  }

  #again(key: string, item: T, attempt: number): void {
    const { firstRetryMs, longestRetryMs } = this.#options;
    const pause = Math.min(firstRetryMs * 2 ** Math.min(attempt - 1, 30), longestRetryMs);
    const timer = setTimeout(() => this.add(key, item), pause);
    timer.unref();
    this.#timers.set(key, timer);
  }
}

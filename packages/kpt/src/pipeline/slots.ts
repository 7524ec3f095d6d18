/** A number of places. Those who wait for one come in turn, whoever has how many there; each one's are taken first come first served. */
export class Slots {
  #free: number;
  /** By whose they are, nobody without any; whose turn it is comes first. */
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(count: number) {
    this.#free = count;
  }

  /** How many wait for a place. */
  get waiting(): number {
    return [...this.#waiting.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Takes a place if one is free. */
  tryTake(): boolean {
    if (this.#free === 0) return false;
    this.#free -= 1;
    return true;
  }

  /**
   * Takes a place. `whose`: one and the same unless given.
   * @throws the signal's reason when aborted meanwhile
   */
  async take(signal?: AbortSignal, whose = ''): Promise<void> {
    signal?.throwIfAborted();
    if (this.tryTake()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const own = this.#waiting.get(whose) ?? new Set();
    const abort = () => {
      if (own.delete(resolve) && own.size === 0) this.#waiting.delete(whose);
      reject(signal?.reason);
    };
    this.#waiting.set(whose, own.add(resolve));
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await promise;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /**
   * Does work in a place of its own.
   * @throws the signal's reason when aborted before the work begins; what the work throws
   */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.take(signal);
    try {
      return await work();
    } finally {
      this.release();
    }
  }

  /** Gives a place back. */
  release(): void {
    const next = this.#next();
    if (next === undefined) this.#free += 1;
    else next();
  }

  /** Who has waited longest of those whose turn it is; what these have left goes behind all others. */
  #next(): (() => void) | undefined {
    const [turn] = this.#waiting;
    if (turn === undefined) return undefined;
    const [whose, own] = turn;
    const [next] = own;
    this.#waiting.delete(whose);
    if (next !== undefined) own.delete(next);
    if (own.size > 0) this.#waiting.set(whose, own);
    return next;
  }
}

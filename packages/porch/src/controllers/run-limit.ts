/** How many tasks may be slow, and from when on one is. */
export interface SlowLane {
  readonly afterMs: number;
  readonly most: number;
}

/**
 * Lets a bounded number of tasks run at once; others wait their turn, first come first served. A task that takes long moves to a lane for
 * slow ones, as long as there is room, and gives its place to the next: a few that hang do not keep all others waiting.
 */
export class RunLimit {
  readonly #fast: Places;
  readonly #slow: Places;
  readonly #slowAfterMs: number;

  constructor(most: number, slow: SlowLane = { afterMs: 5_000, most: 4 * most }) {
    this.#fast = new Places(most);
    this.#slow = new Places(slow.most);
    this.#slowAfterMs = slow.afterMs;
  }

  /** Runs a task when there is room. One that is `expectedSlow`, because it was the last time, waits for a place among the slow. */
  async run<T>(work: () => Promise<T>, expectedSlow = false): Promise<T> {
    let place = expectedSlow ? this.#slow : this.#fast;
    await place.take();
    const timer = setTimeout(() => {
      if (place === this.#slow || !this.#slow.tryTake()) return;
      place = this.#slow;
      this.#fast.give();
    }, this.#slowAfterMs);
    timer.unref();
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      place.give();
    }
  }
}

/** A number of places that are taken and given back. */
class Places {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(most: number) {
    this.#free = most;
  }

  tryTake(): boolean {
    if (this.#free === 0) return false;
    this.#free--;
    return true;
  }

  async take(): Promise<void> {
    if (!this.tryTake()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}

import { Slots } from '@porch/kpt';

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
  readonly #fast: Slots;
  readonly #slow: Slots;
  readonly #slowAfterMs: number;

  constructor(most: number, slow: SlowLane = { afterMs: 5_000, most: 4 * most }) {
    this.#fast = new Slots(most);
    this.#slow = new Slots(slow.most);
    this.#slowAfterMs = slow.afterMs;
  }

  /**
   * Runs a task when there is room. One that is `expectedSlow`, because it was the last time, waits for a place among the slow.
   * @throws the signal's reason when it is aborted before the task begins; what the task throws
   */
  async run<T>(
    work: () => Promise<T>,
    { expectedSlow = false, signal }: { readonly expectedSlow?: boolean; readonly signal?: AbortSignal } = {},
  ): Promise<T> {
    let place = expectedSlow ? this.#slow : this.#fast;
    await place.take(signal);
    const timer = setTimeout(() => {
      if (place === this.#slow || !this.#slow.tryTake()) return;
      place = this.#slow;
      this.#fast.release();
    }, this.#slowAfterMs);
    timer.unref();
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      place.release();
    }
  }
}

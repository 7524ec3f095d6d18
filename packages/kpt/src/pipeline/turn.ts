import type { Slots } from './slots.ts';
import { Stopwatch } from './stopwatch.ts';

/** Places for what runs on threads. */
export interface TurnPlaces {
  /** Where everything begins. */
  readonly running: Slots;
  /** For what has run for long: whoever waits need not wait for its end. */
  readonly long: Slots;
  /** How long is long, in milliseconds. */
  readonly longAfterMs: number;
}

/** The turn on a thread of something that is done: its place among what runs, and its time. */
export class Turn {
  readonly #places: TurnPlaces;
  readonly #whose: string | undefined;
  readonly #watch: Stopwatch;
  #place: Slots | undefined;
  /** Ends with the stint: what begins with `begin`, and ends with `pause`. */
  #stint: AbortController | undefined;
  #isOver = false;

  /**
   * @param milliseconds how long it may run; pauses do not count
   * @param whose whose turn it is among those who wait
   */
  constructor(places: TurnPlaces, milliseconds: number, whose?: string) {
    this.#places = places;
    this.#watch = new Stopwatch(milliseconds);
    this.#whose = whose;
  }

  /** Whether its time is over. */
  get tookTooLong(): boolean {
    return this.#watch.signal.aborted;
  }

  /** Waits for a place; from then on the time passes. @throws the signal's reason when aborted meanwhile */
  async begin(signal: AbortSignal | undefined): Promise<void> {
    const { running, longAfterMs } = this.#places;
    await running.take(signal, this.#whose);
    if (this.#isOver) {
      running.release();
      return;
    }
    this.#place = running;
    this.#watch.run();
    const stint = new AbortController();
    this.#stint = stint;
    const timer = setTimeout(() => void this.#stepAside(stint.signal), longAfterMs);
    stint.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  }

  /** Aborts when the time is over, or with the signal. */
  endedBy(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#watch.signal : AbortSignal.any([signal, this.#watch.signal]);
  }

  /** Gives its place to another, until it begins again. */
  pause(): void {
    this.#watch.pause();
    this.#stint?.abort(stintHasEnded);
    this.#place?.release();
    this.#place = undefined;
  }

  end(): void {
    this.#isOver = true;
    this.pause();
  }

  /** Lets another one run beside it, as soon as there is a place for what runs for long. */
  async #stepAside(stint: AbortSignal): Promise<void> {
    const { running, long } = this.#places;
    try {
      await long.take(stint, this.#whose);
    } catch {
      return; // its stint has ended
    }
    // Places are given in a turn of the event loop, and taken in another: it may have ended in between.
    if (stint.aborted) {
      long.release();
    } else {
      this.#place = long;
      running.release();
    }
  }
}

/** Why a place for what runs for long is no longer waited for. One for all, for it is no failure that anybody looks into. */
const stintHasEnded = new Error('the stint has ended');

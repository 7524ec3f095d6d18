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

/** The turn that a job, or a call of a function, has on a thread: its place among what runs, and its time. */
export class Turn {
  readonly #places: TurnPlaces;
  readonly #whose: string | undefined;
  readonly #watch: Stopwatch;
  #place: Slots | undefined;
  #longAfter: NodeJS.Timeout | undefined;
  /** Its wait for a place among what runs for long. */
  #wait: AbortController | undefined;
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
    this.#longAfter = setTimeout(() => void this.#stepAside(), longAfterMs);
  }

  /** Aborts when the time is over, or with the signal. */
  endedBy(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#watch.signal : AbortSignal.any([signal, this.#watch.signal]);
  }

  /** Gives its place to another, until it begins again. */
  pause(): void {
    this.#watch.pause();
    clearTimeout(this.#longAfter);
    this.#wait?.abort(runsNoMore);
    this.#wait = undefined;
    this.#place?.release();
    this.#place = undefined;
  }

  /** Gives its place back for good, also one that it is only waiting for. */
  end(): void {
    this.#isOver = true;
    this.pause();
  }

  /** Lets another one run beside it, as soon as there is a place for what runs for long. */
  async #stepAside(): Promise<void> {
    const { running, long } = this.#places;
    const wait = new AbortController();
    this.#wait = wait;
    try {
      await long.take(wait.signal, this.#whose);
    } catch {
      return; // it has ended, or rests
    }
    // A place may be given in the moment in which it ends.
    if (wait.signal.aborted) {
      long.release();
    } else {
      this.#place = long;
      running.release();
    }
  }
}

/** Why a place for what runs for long is waited for no more. One for all, for it is no failure that anybody looks into. */
const runsNoMore = new Error('it does not run any more');

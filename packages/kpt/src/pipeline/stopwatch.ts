/** Aborts a signal when a time has passed while it ran; pauses do not count. */
export class Stopwatch {
  readonly #controller = new AbortController();
  #left: number;
  #begun = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Not running yet. */
  constructor(milliseconds: number) {
    this.#left = milliseconds;
  }

  /** Aborted when the time is over. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  run(): void {
    this.#begun = performance.now();
    this.#timer = setTimeout(() => this.#controller.abort(), Math.max(this.#left, 0));
  }

  pause(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#left -= performance.now() - this.#begun;
  }
}

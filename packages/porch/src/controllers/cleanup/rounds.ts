/** Work that is done again and again: one round at a time, with a pause between the end of one and the next. */
export class Rounds {
  readonly #everyMs: number;
  readonly #round: () => Promise<unknown>;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** `everyMs`: the pause, in milliseconds. `round` never rejects: what fails in it is its own business. */
  constructor(everyMs: number, round: () => Promise<unknown>) {
    this.#everyMs = everyMs;
    this.#round = round;
  }

  /** Whether no round may begin any more, and one that is under way should end soon. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The first round comes after a pause. */
  start(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#working = this.#round().finally(() => this.start());
    }, this.#everyMs);
    this.#timer.unref();
  }

  /** Waits for the round that is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#working;
  }
}

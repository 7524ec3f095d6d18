import { othersFirst } from './others-first.ts';

/** How long a piece of work may take before others have their turn, in milliseconds. */
export const pieceMs = 5;

/**
 * Makes short pieces of a long work on the thread that answers everybody, by the clock: so many objects take longer on a slow machine, and
 * longer still before their code is compiled.
 */
export class Turns {
  readonly #pieceMs: number;
  #begun = performance.now();
  #last: Promise<void> = Promise.resolve();

  /** `piece`: how long one is, in milliseconds; shorter than `pieceMs` for what nobody waits for. */
  constructor(piece = pieceMs) {
    this.#pieceMs = piece;
  }

  /** Whether it is the turn of others. To be asked before each small step; `next` need not be called when it is not. */
  get over(): boolean {
    return performance.now() - this.#begun >= this.#pieceMs;
  }

  /** Resolves when the next piece may begin: one after the other, so that each of several callers knows what those before have taken. */
  next(): Promise<void> {
    const mine = this.#last.then(() => (this.over ? this.#others() : undefined));
    this.#last = mine;
    return mine;
  }

  async #others(): Promise<void> {
    await othersFirst();
    this.#begun = performance.now();
  }
}

/**
 * The turns of this thread. All works of many steps share them: each would take its own piece before anybody is answered. A write, which
 * is mostly over before its first step, has turns of its own, and gives way only when it has taken long itself.
 */
export const turns = new Turns();

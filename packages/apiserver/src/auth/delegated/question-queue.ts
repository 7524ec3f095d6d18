import { statusErrors } from '../../meta/status.ts';

/** How many questions may be asked of somebody else. */
export interface QuestionLimits {
  /** At the same time. */
  readonly atOnce: number;
  /** Beside those. */
  readonly waiting: number;
}

/** Go's library sends 200 a second; a cluster answers as many as these in a few milliseconds. */
const defaultQuestionLimits: QuestionLimits = { atOnce: 100, waiting: 4000 };

/**
 * Asks so many questions at a time, in the order in which they come. Anybody may send a server credentials and paths that it knows nothing
 * of, and each of them is a question to the cluster behind it.
 */
export class QuestionQueue {
  readonly #limits: QuestionLimits;
  readonly #waiting: (() => void)[] = [];
  #asking = 0;

  constructor(limits: QuestionLimits = defaultQuestionLimits) {
    this.#limits = limits;
  }

  /**
   * The answer.
   * @throws StatusError 429 when too many wait already
   */
  async ask<T>(question: () => Promise<T>): Promise<T> {
    if (this.#asking < this.#limits.atOnce) this.#asking++;
    else if (this.#waiting.length < this.#limits.waiting) await new Promise<void>((next) => this.#waiting.push(next));
    else
      throw statusErrors.tooManyRequests('too many requests wait for their identity or permission to be found out', 1);
    try {
      return await question();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#asking--;
      else next();
    }
  }
}

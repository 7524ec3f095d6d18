import { createHmac, randomBytes } from 'node:crypto';

/** How answers are kept. */
export interface AnswerCacheOptions<T> {
  /** Answers that are kept; the oldest goes first. */
  readonly limit: number;
  /** How long an answer counts, in milliseconds; 0 for not at all. */
  ttlMs(answer: T): number;
  /** Milliseconds, of a clock that never goes back. */
  readonly now: () => number;
}

/**
 * Answers to questions that may be secret, kept for a short time. Questions are known by a keyed digest (HMAC-SHA-256) whose key
 * never leaves the process, so that memory holds none of them. Whoever asks what is being asked already shares that answer;
 * failures are not kept.
 */
export class AnswerCache<T> {
  readonly #options: AnswerCacheOptions<T>;
  readonly #key = randomBytes(32);
  readonly #answers = new Map<string, { readonly answer: T; readonly until: number }>();
  readonly #asking = new Map<string, Promise<T>>();

  constructor(options: AnswerCacheOptions<T>) {
    this.#options = options;
  }

  /** The answer to a question, from `ask` where none is kept. */
  answer(question: string, ask: () => Promise<T>): Promise<T> {
    const digest = createHmac('sha256', this.#key).update(question, 'utf8').digest('base64');
    const kept = this.#answers.get(digest);
    if (kept !== undefined && this.#options.now() < kept.until) return Promise.resolve(kept.answer);
    const shared = this.#asking.get(digest);
    if (shared !== undefined) return shared;
    const asked = ask()
      .then((answer) => {
        this.#keep(digest, answer);
        return answer;
      })
      .finally(() => this.#asking.delete(digest));
    this.#asking.set(digest, asked);
    return asked;
  }

  #keep(digest: string, answer: T): void {
    const { limit, now, ttlMs } = this.#options;
    this.#answers.delete(digest);
    const ttl = ttlMs(answer);
    if (ttl <= 0) return;
    this.#answers.set(digest, { answer, until: now() + ttl });
    const oldest = this.#answers.keys().next();
    if (this.#answers.size > limit && oldest.done !== true) this.#answers.delete(oldest.value);
  }
}

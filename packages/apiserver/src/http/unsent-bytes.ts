import { statusErrors } from '../meta/status.ts';
import { cutShort, type Exchange, isRead } from './exchange.ts';
import { type Held, HeldBytes } from './held-bytes.ts';

/** Less is not counted, in bytes: nearly all answers are smaller, and gone at once. */
const leastCounted = 16 * 1024;
/** How long an answer may wait for its client before it may be cut off for another one, in milliseconds. */
const patienceMs = 10_000;

/**
 * What waits for clients that are slow to take it, of all connections together: whoever may read a package of megabytes may ask for it a
 * thousand times, and take none of it. What requests keep of long queries counts as well, for as long as they last: most of all watches do.
 */
export class UnsentBytes {
  readonly #most: number;
  readonly #now: () => number;
  readonly #held = new HeldBytes();

  /** `most`: bytes that may wait; a single answer may be larger. */
  constructor(most: number, now: () => number) {
    this.#most = most;
    this.#now = now;
  }

  /**
   * Counts bytes that wait for the client of an exchange, until the function is called that it returns. Where there is no room for them,
   * answers are cut off that have waited for long: the oldest of the sender who has the most. What a write answers is not refused, for it
   * has been carried out.
   * @throws StatusError 429 when there is none all the same
   */
  hold(exchange: Exchange, bytes: number, mayRefuse = isRead(exchange.method)): () => void {
    if (bytes < leastCounted) return () => undefined;
    while (this.#held.total > 0 && this.#held.total + bytes > this.#most) {
      const late = this.#held.latest(this.#now() - patienceMs);
      if (late === undefined) {
        if (!mayRefuse) break;
        exchange.terminated = true;
        throw statusErrors.tooManyRequests(
          'too many large answers wait for their clients, or requests have long queries; please try again later',
          1,
        );
      }
      this.#held.delete(late);
      late.exchange.terminated = true;
      cutShort(late.exchange);
    }
    const held: Held = { exchange, bytes, since: this.#now() };
    this.#held.add(held);
    return () => this.#held.delete(held);
  }
}

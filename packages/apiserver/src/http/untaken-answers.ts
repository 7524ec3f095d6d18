import { anonymous } from '../auth/user.ts';
import { cutShort, type Exchange } from './exchange.ts';

/** How long an answer may wait before it may be cut off, in milliseconds: many may come at once, which are taken all the same. */
const patienceMs = 250;

/**
 * Requests of senders without an identity that have been answered over HTTP/2, and whose answers have not been taken. With thousands of
 * headers each keeps half a megabyte (Node's list of them, which nobody else can let go of), and anybody may open a thousand requests on
 * each of many connections and take none of the answers. Beyond so many, the oldest are cut off.
 */
export class UntakenAnswers {
  readonly #most: number;
  readonly #now: () => number;
  /** Since when they wait, by the clock of the server; the oldest first. */
  readonly #waiting = new Map<Exchange, number>();

  constructor(most: number, now: () => number) {
    this.#most = most;
    this.#now = now;
  }

  /** Takes note of a request that has been answered, until its stream is closed. */
  add(exchange: Exchange): void {
    const { request, user } = exchange;
    if (user !== anonymous || !('stream' in request) || request.stream.closed) return;
    const now = this.#now();
    this.#waiting.set(exchange, now);
    request.stream.once('close', () => this.#waiting.delete(exchange));
    for (const [oldest, since] of this.#waiting) {
      if (this.#waiting.size <= this.#most || now - since < patienceMs) return;
      this.#waiting.delete(oldest);
      cutShort(oldest);
    }
  }
}

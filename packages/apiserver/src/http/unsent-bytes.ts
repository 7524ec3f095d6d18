import { statusErrors } from '../meta/status.ts';
import { cutShort, type Exchange, isRead } from './exchange.ts';

/** Less is not counted, in bytes: nearly all answers are smaller, and gone at once. */
const leastCounted = 16 * 1024;
/** How long an answer may wait for its client before it may be cut off for another one, in milliseconds. */
const patienceMs = 10_000;

interface Held {
  readonly exchange: Exchange;
  readonly bytes: number;
  /** Milliseconds, by the clock of the server. */
  readonly since: number;
}

/**
 * What waits for clients that are slow to take it, of all connections together: whoever may read a package of megabytes may ask for it a
 * thousand times, and take none of it.
 */
export class UnsentBytes {
  readonly #most: number;
  readonly #now: () => number;
  readonly #held = new Set<Held>();
  #total = 0;

  /** `most`: bytes that may wait; a single answer may be larger. */
  constructor(most: number, now: () => number) {
    this.#most = most;
    this.#now = now;
  }

  /** Bytes that wait. */
  get total(): number {
    return this.#total;
  }

  /**
   * Counts bytes that wait for the client of an exchange, until the function is called that it returns. Where there is no room for them,
   * answers are cut off that have waited for long: the oldest of the sender who has the most. What a write answers is not refused, for it
   * has been carried out.
   * @throws StatusError 429 when there is none all the same
   */
  hold(exchange: Exchange, bytes: number): () => void {
    if (bytes < leastCounted) return () => undefined;
    while (this.#total > 0 && this.#total + bytes > this.#most) {
      const late = this.#latest();
      if (late === undefined) {
        if (!isRead(exchange.method)) break;
        exchange.terminated = true;
        throw statusErrors.tooManyRequests('too many large answers wait for their clients, please try again later', 1);
      }
      this.#release(late);
      late.exchange.terminated = true;
      cutShort(late.exchange);
    }
    const held: Held = { exchange, bytes, since: this.#now() };
    this.#held.add(held);
    this.#total += bytes;
    return () => this.#release(held);
  }

  #release(held: Held): void {
    if (this.#held.delete(held)) this.#total -= held.bytes;
  }

  #latest(): Held | undefined {
    const bySender = new Map<string, number>();
    for (const { exchange, bytes } of this.#held) {
      bySender.set(exchange.user.name, (bySender.get(exchange.user.name) ?? 0) + bytes);
    }
    const before = this.#now() - patienceMs;
    let latest: Held | undefined;
    const bytesOf = ({ exchange }: Held) => bySender.get(exchange.user.name) ?? 0;
    for (const held of this.#held) {
      if (held.since > before) break;
      if (latest === undefined || bytesOf(held) > bytesOf(latest)) latest = held;
    }
    return latest;
  }
}

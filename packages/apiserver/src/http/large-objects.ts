import { statusErrors } from '../meta/status.ts';
import type { Assembly } from '../registry/resource.ts';
import type { ServedObject } from '../storage/served-object.ts';
import { cutShort, type Exchange } from './exchange.ts';
import { type Held, HeldBytes } from './held-bytes.ts';

/** Smaller objects, nearly all, are made and sent without more ado; in bytes. */
const leastLarge = 256 * 1024;
/** Contents whose sizes are remembered at most. */
const mostRemembered = 10_000;
/**
 * How long a client may take nothing before its answer may be cut off for another one, in milliseconds: one that takes 50 KB a second is
 * seen to do so every twenty seconds, for the kernel has megabytes on their way.
 */
const patienceMs = 30_000;
/** How often those who wait look whether somebody else has waited too long for a client, in milliseconds. */
const lookMs = 1000;

interface Waiting {
  readonly exchange: Exchange;
  readonly bytes: number;
  readonly resolve: (held: Held) => void;
}

/**
 * Room for large objects that are made for one answer each, from before they are made until the client has taken them. Answers that find
 * none wait in turn: next is whose sender has the least, of one sender's the first. Where a client takes nothing for half a minute
 * while others wait, its answer is cut off.
 */
export class LargeObjects {
  readonly #most: number;
  readonly #now: () => number;
  readonly #held = new HeldBytes();
  readonly #waiting = new Set<Waiting>();
  /** How large objects were in bytes, by their content: what is known to be large is not made before there is room for it. */
  readonly #sizes = new Map<string, number>();
  /** Contents whose objects are made for the first time; resolved when that is over. */
  readonly #first = new Map<string, Promise<void>>();
  #look: NodeJS.Timeout | undefined;

  /** `most`: bytes of all together; a single object may be larger. */
  constructor(most: number, now: () => number) {
    this.#most = most;
    this.#now = now;
  }

  /** The objects of one answer. */
  assembly(exchange: Exchange): AnswerAssembly {
    return new AnswerAssembly(this, exchange, this.#now);
  }

  /** How large the object of a content was last, in bytes; undefined when it has not been made. */
  sizeOf(content: string): number | undefined {
    return this.#sizes.get(content);
  }

  /** Resolves when an object is not made for the first time any more; undefined when it is not. */
  firstOf(content: string): Promise<void> | undefined {
    return this.#first.get(content);
  }

  /** Makes the object of a content for the first time, for which others wait. */
  async makeFirst<T>(content: string, make: () => Promise<T>): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#first.set(content, promise);
    try {
      return await make();
    } finally {
      this.#first.delete(content);
      resolve();
    }
  }

  /** Remembers how large the object of a content is, in bytes. */
  learn(content: string, bytes: number): void {
    if (this.#sizes.size >= mostRemembered) this.#sizes.clear();
    this.#sizes.set(content, bytes);
  }

  /** Takes room if there is some, and nobody waits. */
  tryTake(exchange: Exchange, bytes: number): Held | undefined {
    return this.#waiting.size === 0 && this.#fits(bytes) ? this.#grant(exchange, bytes) : undefined;
  }

  /** Takes room when it is the turn of the exchange. @throws the reason when the exchange is aborted before */
  async take(exchange: Exchange, bytes: number): Promise<Held> {
    const { signal } = exchange.abort;
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Held>();
    const waiting: Waiting = { exchange, bytes, resolve };
    const aborted = (): void => {
      if (!this.#waiting.delete(waiting)) return;
      reject(signal.reason);
      this.#admit();
    };
    signal.addEventListener('abort', aborted, { once: true });
    this.#waiting.add(waiting);
    this.#admit();
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', aborted);
    }
  }

  release(held: Held): void {
    this.#held.delete(held);
    this.#admit();
  }

  #fits(bytes: number): boolean {
    return this.#held.total === 0 || this.#held.total + bytes <= this.#most;
  }

  #grant(exchange: Exchange, bytes: number): Held {
    const held: Held = { exchange, bytes, since: undefined };
    this.#held.add(held);
    return held;
  }

  #admit(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      if (this.#fits(next.bytes)) {
        this.#waiting.delete(next);
        next.resolve(this.#grant(next.exchange, next.bytes));
      } else if (!this.#cutOff()) break;
    }
    if (this.#waiting.size === 0) clearTimeout(this.#look);
    else this.#lookLater();
  }

  #next(): Waiting | undefined {
    if (this.#waiting.size === 0) return undefined;
    const bySender = this.#held.bySender();
    const bytesOf = ({ exchange }: Waiting): number => bySender.get(exchange.user.name) ?? 0;
    let next: Waiting | undefined;
    for (const waiting of this.#waiting) {
      if (next === undefined || bytesOf(waiting) < bytesOf(next)) next = waiting;
    }
    return next;
  }

  /** Returns whether there was one whose client has taken nothing for long. */
  #cutOff(): boolean {
    const late = this.#held.latest(this.#now() - patienceMs);
    if (late === undefined) return false;
    this.#held.delete(late);
    const error = statusErrors.tooManyRequests('the answer was not taken, and others waited for its place', 1);
    late.exchange.terminated = true;
    late.exchange.abort.abort(error);
    cutShort(late.exchange, error);
    return true;
  }

  #lookLater(): void {
    clearTimeout(this.#look);
    this.#look = setTimeout(() => this.#admit(), lookMs).unref();
  }
}

/** The large objects of one answer, of which one is in memory at a time. */
export class AnswerAssembly implements Assembly {
  readonly #all: LargeObjects;
  readonly #exchange: Exchange;
  readonly #now: () => number;
  #held: Held | undefined;
  #ends = false;

  constructor(all: LargeObjects, exchange: Exchange, now: () => number) {
    this.#all = all;
    this.#exchange = exchange;
    this.#now = now;
  }

  async make(content: string, assemble: () => Promise<ServedObject>): Promise<ServedObject> {
    this.taken();
    await this.#all.firstOf(content);
    this.#exchange.abort.signal.throwIfAborted();
    const size = this.#all.sizeOf(content);
    if (size !== undefined) return await (size < leastLarge ? assemble() : this.#inTurn(size, assemble));
    const { object, bytes } = await this.#all.makeFirst(content, () => this.#atOnce(content, assemble));
    return object ?? (await this.#inTurn(bytes, assemble));
  }

  taken(): void {
    if (this.#held !== undefined) this.#all.release(this.#held);
    this.#held = undefined;
  }

  /** Whether there is a large object that the client has not taken. */
  get holds(): boolean {
    return this.#held !== undefined;
  }

  /**
   * The client is waited for until the function is called that is returned. Undefined, and nothing counted, where the answer has no large
   * object.
   */
  waitForClient(): (() => void) | undefined {
    const held = this.#held;
    if (held === undefined) return undefined;
    held.since = this.#now();
    return () => {
      held.since = undefined;
    };
  }

  /** Without an object where it is large and there is no room: it is not kept while room is waited for. */
  async #atOnce(
    content: string,
    assemble: () => Promise<ServedObject>,
  ): Promise<{ readonly object: ServedObject | undefined; readonly bytes: number }> {
    const object = await assemble();
    const bytes = object.bytes.length;
    this.#all.learn(content, bytes);
    if (bytes < leastLarge) return { object, bytes };
    const held = this.#all.tryTake(this.#exchange, bytes);
    if (held === undefined) return { object: undefined, bytes };
    this.#keep(held);
    return { object, bytes };
  }

  async #inTurn(bytes: number, assemble: () => Promise<ServedObject>): Promise<ServedObject> {
    this.#keep(await this.#all.take(this.#exchange, bytes));
    try {
      return await assemble();
    } catch (error) {
      this.taken();
      throw error;
    }
  }

  #keep(held: Held): void {
    this.#held = held;
    const { response, abort } = this.#exchange;
    if (!this.#ends) response.once('close', () => this.taken());
    this.#ends = true;
    if (!abort.signal.aborted) return;
    this.taken();
    throw abort.signal.reason;
  }
}

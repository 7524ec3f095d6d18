import { setTimeout as wait } from 'node:timers/promises';
import { StoreUnavailableError } from '../store.ts';
import type { Connection } from './connection.ts';
import { ConnectionLostError, isLeftOpen, toDatabaseError } from './database-error.ts';
import { toUnavailable } from './unavailable.ts';

/** How a session behaves, and what it tells whoever made it. */
export interface SessionEvents {
  /** Whether a lost connection is made again at once, rather than when someone asks for it. */
  readonly keep?: boolean;
  /** A connection has come about and serves from now on. */
  readonly connected?: (connection: Connection) => void;
  /** An attempt to connect failed; there will be another. */
  readonly failing?: (error: Error) => void;
}

const firstDelayMs = 50;
const longestDelayMs = 5_000;
/** Before a server that could not answer is asked again. */
const refusedDelayMs = 100;

/** A connection that is made again, with growing pauses, whenever it is needed and gone. */
export class Session {
  readonly #open: () => Promise<Connection>;
  readonly #unavailableAfterMs: number;
  readonly #events: SessionEvents;
  readonly #closing = new AbortController();
  #current: Connection | undefined;
  #connecting: Promise<Connection> | undefined;
  #lastFailure: Error | undefined;

  constructor(open: () => Promise<Connection>, unavailableAfterMs: number, events: SessionEvents = {}) {
    this.#open = open;
    this.#unavailableAfterMs = unavailableAfterMs;
    this.#events = events;
  }

  get closed(): boolean {
    return this.#closing.signal.aborted;
  }

  /**
   * A connection that is alive, as far as can be told.
   * @throws StoreUnavailableError when none comes about in time, or the session is closed
   */
  async ready(withinMs = this.#unavailableAfterMs): Promise<Connection> {
    if (this.#current?.alive === true) return this.#current;
    const { signal } = this.#closing;
    signal.throwIfAborted();
    this.#connecting ??= this.#connect();
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(this.#unavailable()), Math.max(0, withinMs));
    const closed = (): void => reject(signal.reason);
    signal.addEventListener('abort', closed, { once: true });
    try {
      return await Promise.race([this.#connecting, promise]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', closed);
    }
  }

  /**
   * Work that may be done twice: done again on the next connection when one is lost meanwhile, or of no use.
   * @throws StoreUnavailableError, DatabaseError, and what the work throws
   */
  async repeatable<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const deadline = performance.now() + this.#unavailableAfterMs;
    for (;;) {
      const connection = await this.ready(deadline - performance.now());
      try {
        return await work(connection);
      } catch (error) {
        if (isLeftOpen(error)) connection.destroy();
        else if (!(error instanceof ConnectionLostError)) throw error;
        this.#lastFailure = toDatabaseError(error);
      }
    }
  }

  /**
   * As `repeatable`, for as long as it takes, also where the server answers that it cannot at the moment; `unavailable` is told each time
   * that `repeatable` would have given up.
   * @throws DatabaseError for what does not pass by itself, what the work throws, and StoreUnavailableError when the session is closed
   */
  async untilDone<T>(
    work: (connection: Connection) => Promise<T>,
    unavailable: (error: StoreUnavailableError) => void,
  ): Promise<T> {
    let deadline = performance.now() + this.#unavailableAfterMs;
    for (;;) {
      try {
        return await this.repeatable(work);
      } catch (error) {
        const away = toUnavailable(error);
        if (this.closed || !(away instanceof StoreUnavailableError)) throw error;
        const refused = away !== error;
        if (!refused || performance.now() > deadline) {
          unavailable(away);
          deadline = performance.now() + this.#unavailableAfterMs;
        }
        if (refused) await this.#pause(refusedDelayMs);
      }
    }
  }

  /** Ends the connection after what it is asked already, and makes no new one. Who waits for one is given the reason. */
  async close(reason = new StoreUnavailableError('the store is closed')): Promise<void> {
    this.#closing.abort(reason);
    await this.#current?.close();
  }

  async #connect(): Promise<Connection> {
    const { signal } = this.#closing;
    try {
      for (let delay = firstDelayMs; ; delay = Math.min(2 * delay, longestDelayMs)) {
        signal.throwIfAborted();
        try {
          const connection = await this.#open();
          if (signal.aborted) await connection.close();
          signal.throwIfAborted();
          this.#current = connection;
          if (this.#events.keep === true) void connection.lost.then(() => this.#reconnect());
          this.#events.connected?.(connection);
          return connection;
        } catch (error) {
          signal.throwIfAborted();
          this.#lastFailure = toDatabaseError(error);
          this.#events.failing?.(this.#lastFailure);
        }
        await this.#pause(delay * (0.5 + Math.random() / 2));
      }
    } finally {
      this.#connecting = undefined;
    }
  }

  #reconnect(): void {
    if (this.closed || this.#current?.alive === true) return;
    this.#connecting ??= this.#connect();
    // It ends without a connection only when the session is closed.
    this.#connecting.catch(() => undefined);
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#closing;
    try {
      await wait(ms, undefined, { signal, ref: false });
    } catch {
      // Only the signal ends it early.
      signal.throwIfAborted();
    }
  }

  #unavailable(): StoreUnavailableError {
    return new StoreUnavailableError(
      `the database cannot be reached: ${this.#lastFailure?.message ?? 'it does not answer'}`,
      false,
      { cause: this.#lastFailure },
    );
  }
}

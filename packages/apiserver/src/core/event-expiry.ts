import type { Logger } from 'pino';
import type { ServedEvent, ServedObject } from '../storage/served-object.ts';
import { PreconditionFailedError, type Store } from '../storage/store.ts';
import type { WatchCache } from '../storage/watch-cache-api.ts';
import { type Event, lastSeen } from './event.ts';

/** What forgets events. */
export interface EventExpiryOptions {
  readonly store: Pick<Store, 'commit'>;
  readonly cache: Pick<WatchCache, 'list' | 'watch' | 'revision'>;
  readonly logger: Pick<Logger, 'error'>;
  /** How long an event is kept after it was last written, in milliseconds. */
  readonly keepMs: number;
  /** Milliseconds between two looks. */
  readonly everyMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Removes events that were last written long ago, whatever the clock of who wrote them said, and those of namespaces that are gone. Of
 * those that were there before it, their own times say when that was.
 */
export class EventExpiry {
  readonly #options: EventExpiryOptions;
  /** The revision of the store before what is seen from now on. */
  readonly #begun: number;
  /** When each version of an event was written, as far as is known, in milliseconds since the epoch. */
  readonly #written = new WeakMap<ServedObject, number>();
  readonly #timer: NodeJS.Timeout;
  readonly #unwatch: () => void;
  #working: Promise<void> = Promise.resolve();

  constructor(options: EventExpiryOptions) {
    this.#options = options;
    this.#begun = options.cache.revision;
    this.#timer = setInterval(() => void this.sweep(), options.everyMs);
    this.#timer.unref();
    this.#unwatch = options.cache.watch('namespaces', options.cache.revision, (event) => this.#namespaceChanged(event));
  }

  /** Removes what is due; resolves when that is done. */
  sweep(): Promise<void> {
    const { cache, keepMs, now } = this.#options;
    return this.#remove(() => {
      const at = now();
      return cache.list('events').items.filter((object) => this.#writtenAt(object, at) < at - keepMs);
    });
  }

  /** When an event was written; of one that is new since the last look, now. */
  #writtenAt(object: ServedObject, now: number): number {
    const known = this.#written.get(object);
    if (known !== undefined) return known;
    const at = object.revision > this.#begun ? now : Math.min(now, latestTimeOf(object) ?? 0);
    this.#written.set(object, at);
    return at;
  }

  /** Stops, and waits for what is under way. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#unwatch();
    await this.#working;
  }

  #namespaceChanged({ type, object }: ServedEvent): void {
    if (type !== 'DELETED') return;
    void this.#remove(() => this.#options.cache.list('events', { namespace: object.key.name }).items);
  }

  #remove(due: () => readonly ServedObject[]): Promise<void> {
    this.#working = this.#working
      .then(async () => {
        for (const { key, revision } of due()) await this.#removeOne(key, revision);
      })
      .catch((error: unknown) => this.#options.logger.error({ err: error }, 'old events could not be removed'));
    return this.#working;
  }

  async #removeOne(key: ServedObject['key'], expected: number): Promise<void> {
    try {
      await this.#options.store.commit({ operations: [{ type: 'delete', key, expected }] });
    } catch (error) {
      // It happened again meanwhile, or is gone.
      if (!(error instanceof PreconditionFailedError)) throw error;
    }
  }
}

/** The latest of the times that an event has, in milliseconds since the epoch; undefined where none can be read. */
function latestTimeOf(object: ServedObject): number | undefined {
  const times = [lastSeen(object.decode<Event>()), object.creationTimestamp].map((text) => Date.parse(text));
  const known = times.filter((time) => !Number.isNaN(time));
  return known.length === 0 ? undefined : Math.max(...known);
}

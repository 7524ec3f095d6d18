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
  /** How long an event is kept after it last happened, in milliseconds. */
  readonly keepMs: number;
  /** Milliseconds between two looks. */
  readonly everyMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Removes events that last happened long ago, and those of namespaces that are gone. */
export class EventExpiry {
  readonly #options: EventExpiryOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #unwatch: () => void;
  #working: Promise<void> = Promise.resolve();

  constructor(options: EventExpiryOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.sweep(), options.everyMs);
    this.#timer.unref();
    this.#unwatch = options.cache.watch('namespaces', options.cache.revision, (event) => this.#namespaceChanged(event));
  }

  /** Removes what is due; resolves when that is done. */
  sweep(): Promise<void> {
    const { cache, keepMs, now } = this.#options;
    const oldest = now() - keepMs;
    return this.#remove(() => cache.list('events').items.filter((object) => happenedBefore(object, oldest)));
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

function happenedBefore(object: ServedObject, oldest: number): boolean {
  const times = [lastSeen(object.decode<Event>()), object.creationTimestamp].map((text) => Date.parse(text));
  return times.every((time) => !(time >= oldest));
}

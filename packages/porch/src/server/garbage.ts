import {
  type AnyResourceDefinition,
  createStoreStorage,
  type Event,
  EventRecorder,
  eventKind,
  eventV1Kind,
  GarbageCollector,
  groupResource,
  type Store,
  storedResource,
  type WatchCache,
} from '@porch/apiserver';
import type { Logger } from 'pino';
import type { Clock } from '../cache/clock.ts';

/** What the garbage collector works on. */
export interface GarbageOptions {
  readonly store: Store;
  readonly cache: WatchCache;
  readonly definitions: readonly AnyResourceDefinition[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What removes objects whose owners are gone. */
export interface Garbage {
  start(): void;
  close(): Promise<void>;
}

/** A garbage collector over everything that is served, which writes an event about each object that it has to leave. */
export function openGarbage({ store, cache, definitions, clock, logger }: GarbageOptions): Garbage {
  const recorder = new EventRecorder({
    storage: createStoreStorage<Event>({ store, cache, resource: storedResource(eventKind), now: clock }),
    component: 'porch-garbage-collector',
    now: clock,
    logger,
  });
  const collector = new GarbageCollector({
    cache,
    definitions,
    except: [eventKind, eventV1Kind].map(({ plural, group }) => groupResource(plural, group)),
    user: 'system:porch:garbage-collector',
    logger,
    everyMs: 60_000,
    now: clock,
    kept(object, reason) {
      const message = `its owners are gone: ${reason}`;
      recorder.record(object, { type: 'Warning', reason: 'KeptWithoutOwners', message });
    },
  });
  return {
    start: () => collector.start(),
    async close() {
      await collector.close();
      await recorder.close();
    },
  };
}

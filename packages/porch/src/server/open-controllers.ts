import { EventExpiry, type Store } from '@porch/apiserver';
import { Cleanup } from '../controllers/cleanup/cleanup.ts';
import { Leftovers, removeLeftRevisions } from '../controllers/leftovers.ts';
import { NamespaceController } from '../controllers/namespace-controller.ts';
import { RepositoryController } from '../controllers/repository-controller.ts';
import type { RepositoryEvents } from '../controllers/repository-events.ts';
import type { EngineParts } from '../engine/parts.ts';
import type { Claim } from '../outbox/sharing/ownership.ts';
import type { Composition } from './composition.ts';
import { openGarbage } from './garbage.ts';
import { inTime } from './in-time.ts';
import { namespaceContents } from './namespace-contents.ts';
import type { ServerData } from './open-data.ts';
import type { Sharing } from './open-sharing.ts';
import type { ServerState } from './open-state.ts';
import { openRepositoryEvents } from './repository-events.ts';
import type { ServedResources } from './served-resources.ts';

/** What goes on in the server without anybody asking. */
export interface Controllers {
  /** Begins: what the store says is left to do goes first. */
  start(): void;
  /** Ends what is under way, and waits for it. */
  close(): Promise<void>;
}

/** One controller of those that run once, however many processes share the database. */
export interface Singleton {
  close(): Promise<void>;
}

/**
 * How long pushes and synchronisations may go on when the server stops. What was begun is found out about by whoever goes on with it: this
 * server when it starts again, or another.
 */
export const endMs = 30_000;

/** Under this name the controllers are claimed that look after no repository. */
const singletonLease = 'controllers';

/** Where the controllers of the two modes differ. */
export interface ControllerOptions {
  readonly events: RepositoryEvents;
  /** Begins what runs once, beside what both modes have. `store` refuses writes when another process has taken over. */
  startSingletons(store: Store): readonly Singleton[];
}

/** Makes the controllers; nothing happens before they are started. */
export function createControllers(
  { settings, logger, cleanupCounters: counters, syncMetrics, tracing }: Composition,
  { processes }: ServerData,
  { ownership }: Sharing,
  parts: EngineParts,
  options: ControllerOptions,
): Controllers {
  const repositories = new RepositoryController({
    parts,
    ownership,
    logger,
    frequencyMs: settings.repoSyncFrequencyMs,
    concurrency: settings.maxConcurrentLists,
    housekeepingMs: 5_000,
    random: Math.random,
    syncMetrics,
    tracing,
    events: options.events,
  });
  const startSingletons = (store: Store): readonly Singleton[] => {
    const own = { parts: { ...parts, store }, logger };
    const leftovers = new Leftovers({ ...own, contentMs: 5_000 });
    leftovers.start();
    const cleanup = new Cleanup({
      ...own,
      removeLeftRevisions: () => removeLeftRevisions(own),
      counters,
      everyMs: settings.cleanupFrequencyMs,
      mostRecords: 1000,
    });
    cleanup.start();
    return [leftovers, cleanup, ...options.startSingletons(store)];
  };
  let singletons: readonly Singleton[] = [];
  let claim: Claim | undefined;
  return {
    start() {
      repositories.start();
      claim = ownership.claim(singletonLease, {
        begin: (store) => {
          singletons = startSingletons(store);
        },
        async end() {
          await Promise.all(singletons.map((controller) => controller.close()));
          singletons = [];
        },
      });
    },
    close() {
      const late = (): void => {
        logger.warn({ afterMs: endMs }, 'git has not ended by itself, and is ended');
        void processes.endAll();
      };
      return inTime(endMs, late, async () => {
        await claim?.release();
        await repositories.close();
      });
    },
  };
}

/** The controllers of a server that keeps everything itself; none where the settings want none. */
export function openControllers(
  composition: Composition,
  data: ServerData,
  { objects }: ServerState,
  sharing: Sharing,
  parts: EngineParts,
  { definitions, gate }: ServedResources,
): Pick<Controllers, 'start'> {
  const { settings, logger, clock, onClose } = composition;
  if (!settings.controllers) return { start: () => parts.queue.start() };
  const events = openRepositoryEvents({ store: parts.store, cache: objects, clock, logger });
  onClose(() => events.close());
  const controllers = createControllers(composition, data, sharing, parts, {
    events,
    startSingletons(store) {
      const expiry = new EventExpiry({
        store,
        cache: objects,
        logger,
        keepMs: 3_600_000,
        everyMs: 60_000,
        now: Date.now,
      });
      const contents = namespaceContents(objects, definitions, gate);
      const namespaces = new NamespaceController({ store, cache: objects, contents, clock, logger, everyMs: 100 });
      namespaces.start();
      const garbage = openGarbage({ store, cache: objects, definitions, clock, logger });
      garbage.start();
      return [expiry, namespaces, garbage];
    },
  });
  onClose(() => controllers.close());
  return {
    start() {
      parts.queue.start();
      controllers.start();
    },
  };
}

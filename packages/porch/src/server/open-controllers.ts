import { EventExpiry, type Store } from '@porch/apiserver';
import { Cleanup } from '../controllers/cleanup/cleanup.ts';
import { Leftovers, removeLeftRevisions } from '../controllers/leftovers.ts';
import { NamespaceController } from '../controllers/namespace-controller.ts';
import { RepositoryController } from '../controllers/repository-controller.ts';
import type { EngineParts } from '../engine/parts.ts';
import type { Claim } from '../outbox/sharing/ownership.ts';
import type { Composition } from './composition.ts';
import { openGarbage } from './garbage.ts';
import { namespaceContents } from './namespace-contents.ts';
import type { Sharing } from './open-sharing.ts';
import type { ServerState } from './open-state.ts';
import { openRepositoryEvents } from './repository-events.ts';
import type { ServedResources } from './served-resources.ts';

/** What goes on in the server without anybody asking. */
export interface Controllers {
  /** Begins: what the store says is left to do goes first. */
  start(): void;
}

/** One controller of those that run once, however many processes share the database. */
interface Singleton {
  close(): Promise<void>;
}

/** Under this name the controllers are claimed that look after no repository. */
const singletonLease = 'controllers';

/** Makes the controllers; nothing happens before they are started, and nothing at all where the settings want none. */
export function openControllers(
  { settings, logger, clock, metrics, onClose }: Composition,
  { objects }: ServerState,
  { ownership }: Sharing,
  parts: EngineParts,
  { definitions, gate }: ServedResources,
): Controllers {
  if (!settings.controllers) return { start: () => parts.queue.start() };
  const repositoryEvents = openRepositoryEvents({ store: parts.store, cache: objects, clock, logger });
  onClose(() => repositoryEvents.close());
  const repositories = new RepositoryController({
    parts,
    ownership,
    logger,
    frequencyMs: settings.repoSyncFrequencyMs,
    concurrency: settings.maxConcurrentLists,
    housekeepingMs: 5_000,
    random: Math.random,
    metrics,
    events: repositoryEvents,
  });
  onClose(() => repositories.close());

  const startSingletons = (store: Store): Singleton[] => {
    const events = new EventExpiry({
      store,
      cache: objects,
      logger,
      keepMs: 3_600_000,
      everyMs: 60_000,
      now: Date.now,
    });
    const namespaces = new NamespaceController({
      store,
      cache: objects,
      contents: namespaceContents(objects, definitions, gate),
      logger,
      everyMs: 100,
    });
    namespaces.start();
    const own = { parts: { ...parts, store }, logger };
    const leftovers = new Leftovers({ ...own, contentMs: 5_000 });
    leftovers.start();
    const cleanup = new Cleanup({
      ...own,
      removeLeftRevisions: () => removeLeftRevisions(own),
      metrics,
      everyMs: settings.cleanupFrequencyMs,
      mostRecords: 1000,
    });
    cleanup.start();
    const garbage = openGarbage({ store, cache: objects, definitions, clock, logger });
    garbage.start();
    return [events, namespaces, leftovers, cleanup, garbage];
  };
  let singletons: Singleton[] = [];
  let claim: Claim | undefined;
  onClose(() => claim?.release());
  return {
    start() {
      parts.queue.start();
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
  };
}

import { EventExpiry } from '@porch/apiserver';
import { Cleanup } from '../controllers/cleanup/cleanup.ts';
import { NamespaceController } from '../controllers/namespace-controller.ts';
import { RepositoryController } from '../controllers/repository-controller.ts';
import type { EngineParts } from '../engine/parts.ts';
import type { Composition } from './composition.ts';
import { openGarbage } from './garbage.ts';
import { namespaceContents } from './namespace-contents.ts';
import type { ServerState } from './open-state.ts';
import type { ServedResources } from './served-resources.ts';

/** What goes on in the server without anybody asking. */
export interface Controllers {
  /** Begins: what the store says is left to do goes first. */
  start(): void;
}

/** Makes the controllers; nothing happens before they are started. */
export function openControllers(
  { settings, logger, clock, metrics, onClose }: Composition,
  { store, objects }: ServerState,
  parts: EngineParts,
  { definitions, gate }: ServedResources,
): Controllers {
  const repositories = new RepositoryController({
    parts,
    logger,
    frequencyMs: settings.repoSyncFrequencyMs,
    concurrency: 8,
    housekeepingMs: 5_000,
    random: Math.random,
    metrics,
  });
  onClose(() => repositories.close());
  const cleanup = new Cleanup({
    parts,
    removeLeftRevisions: () => repositories.removeLeftRevisions(),
    metrics,
    logger,
    everyMs: settings.cleanupFrequencyMs,
    mostRecords: 1000,
  });
  onClose(() => cleanup.close());
  const events = new EventExpiry({
    store,
    cache: objects,
    logger,
    keepMs: 3_600_000,
    everyMs: 60_000,
    now: Date.now,
  });
  onClose(() => events.close());
  const namespaces = new NamespaceController({
    store,
    cache: objects,
    contents: namespaceContents(objects, definitions, gate),
    logger,
    everyMs: 100,
  });
  onClose(() => namespaces.close());
  const garbage = openGarbage({ store, cache: objects, definitions, clock, logger });
  onClose(() => garbage.close());
  return {
    start() {
      parts.queue.start();
      repositories.start();
      cleanup.start();
      namespaces.start();
      garbage.start();
    },
  };
}

import { createWatchCache, measureObjects, observeStore, type Store, type WatchCache } from '@porch/apiserver';
import { defaultNamespace } from '../api/namespace/definition.ts';
import { RevisionCache } from '../cache/revision-cache.ts';
import type { Composition } from './composition.ts';
import { ensureNamespace } from './ensure-namespace.ts';
import { extractionRules } from './extraction-rules.ts';
import { requireWhole } from './migration/unfinished-move.ts';
import type { ServerData } from './open-data.ts';
import { openStore } from './open-store.ts';

/** What is stored, and what of it is kept in memory. */
export interface ServerState {
  readonly store: Store;
  readonly objects: WatchCache;
  readonly cache: RevisionCache;
}

/** Opens the store, with the namespace that always exists, and reads its objects. */
export async function openState(
  { settings, logger, clock, metrics, tracing, onClose, fatal }: Composition,
  { files }: ServerData,
): Promise<ServerState> {
  const store = observeStore(await openStore(files, settings, logger, fatal, metrics), { metrics, tracing });
  onClose(() => store.close());
  await ensureNamespace(store, defaultNamespace, clock());
  const objects = await createWatchCache({ store, definitions: extractionRules, logger });
  requireWhole(objects);
  measureObjects(objects, metrics);
  return { store, objects, cache: new RevisionCache(objects, extractionRules) };
}

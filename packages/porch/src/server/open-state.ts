import { createWatchCache, measureObjects, observeStore, type Store, type WatchCache } from '@porch/apiserver';
import { RevisionCache } from '../cache/revision-cache.ts';
import type { Composition } from './composition.ts';
import { isShared } from './database-url.ts';
import { extractionRules } from './extraction-rules.ts';
import { requireWhole } from './migration/unfinished-move.ts';
import type { ServerData } from './open-data.ts';
import { openStore } from './open-store.ts';
import { requireRepositoriesIn } from './repositories-place.ts';
import { noteSharedState, requireNothingOwn, requireNothingShared } from './shared-state.ts';

/** What is stored, and what of it is kept in memory. */
export interface ServerState {
  readonly store: Store;
  readonly objects: WatchCache;
  readonly cache: RevisionCache;
}

/**
 * Opens the store, when its database is there, and reads its objects.
 * @throws StartupError when the settings name no database, and the directory's server had one, or the other way round; when the state is half a copy, or that of a
 * server whose Repositories are elsewhere
 */
export async function openState(
  { settings, logger, metrics, tracing, onClose, fatal, whenReachable }: Composition,
  { files }: ServerData,
): Promise<ServerState> {
  const shared = isShared(settings.database);
  await (shared ? requireNothingOwn(files.root) : requireNothingShared(files.root));
  const opened = await whenReachable(() => openStore(files, settings, logger, fatal, metrics));
  const store = observeStore(opened, { metrics, tracing });
  onClose(() => store.close());
  if (shared) await noteSharedState(files.root, true);
  const objects = await createWatchCache({ store, definitions: extractionRules, logger });
  requireWhole(objects);
  measureObjects(objects, metrics);
  await requireRepositoriesIn(settings.cluster === undefined ? 'store' : 'cluster', { store, objects });
  return { store, objects, cache: new RevisionCache(objects, extractionRules) };
}

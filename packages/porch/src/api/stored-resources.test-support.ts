import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createStoreStorage,
  createWatchCache,
  type ExtractionRules,
  groupResource,
  type KubernetesObject,
  openSqliteStore,
  type ResourceStorage,
  type StoredResource,
  type WatchCache,
} from '@porch/apiserver';

/** Storage over a real store in a directory of its own. */
export interface StoredResources {
  readonly cache: WatchCache;
  storage<T extends KubernetesObject>(resource: StoredResource): Required<ResourceStorage<T>>;
  close(): Promise<void>;
}

/** Opens a store for tests; `rules` are those of the resources that are read by their fields. */
export async function openStoredResources(rules: ReadonlyMap<string, ExtractionRules>): Promise<StoredResources> {
  const directory = await mkdtemp(join(tmpdir(), 'porch-api-'));
  const store = await openSqliteStore({ directory });
  const cache = await createWatchCache({ store, definitions: rules });
  return {
    cache,
    storage: (resource) => {
      const own = rules.get(groupResource(resource.plural, resource.group));
      return createStoreStorage({ store, cache, resource, ...(own === undefined ? {} : { rules: own }) });
    },
    async close() {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

import {
  type AnyResourceDefinition,
  createStoreStorage,
  type KubernetesObject,
  type Store,
  type StoredResource,
  type WatchCache,
} from '@porch/apiserver';
import { namespaceContents } from '../api/namespace/contents.ts';
import { namespaceDefinition } from '../api/namespace/definition.ts';
import { NamespaceGate } from '../api/namespace/gate.ts';
import { packageDefinition } from '../api/package/definition.ts';
import { packageRevisionDefinition } from '../api/package-revision/definition.ts';
import { packageRevisionResourcesDefinition } from '../api/package-revision-resources/definition.ts';
import { repositoryDefinition } from '../api/repository/definition.ts';
import { secretDefinition } from '../api/secret/definition.ts';
import type { Clock } from '../cache/clock.ts';
import type { Engine } from '../engine/types.ts';
import { configGroup, packageRevisions, repositories, secrets } from '../resources/group.ts';
import { extractionRules } from './extraction-rules.ts';

export interface DefinitionOptions {
  readonly store: Store;
  readonly cache: WatchCache;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly allowLocalRepositories: boolean;
}

/** Everything that the server serves. */
export function resourceDefinitions(options: DefinitionOptions): readonly AnyResourceDefinition[] {
  const { store, cache, engine, clock } = options;
  const gate = new NamespaceGate(namespaceContents(cache, [repositories, packageRevisions, secrets]));
  const stored = <T extends KubernetesObject>(key: string, resource: StoredResource) => {
    const rules = extractionRules.get(key);
    return createStoreStorage<T>({ store, cache, resource, now: clock, ...(rules === undefined ? {} : { rules }) });
  };
  const allowLocal = options.allowLocalRepositories;
  return [
    namespaceDefinition({
      gate,
      stored: stored('namespaces', { group: '', plural: 'namespaces', kind: 'Namespace', namespaced: false }),
    }),
    secretDefinition({
      gate,
      stored: stored('secrets', { group: '', plural: 'secrets', kind: 'Secret', namespaced: true }),
    }),
    repositoryDefinition({
      gate,
      allowLocal,
      registered: () => cache.list(repositories).items,
      stored: stored(repositories, {
        group: configGroup,
        plural: 'repositories',
        kind: 'Repository',
        namespaced: true,
        hasGeneration: true,
      }),
    }),
    packageRevisionDefinition({ engine, gate, clock, allowLocal }),
    packageRevisionResourcesDefinition({ engine }),
    packageDefinition({ engine }),
  ];
}

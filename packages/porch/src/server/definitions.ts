import {
  type AnyResourceDefinition,
  type Binding,
  type ClusterRole,
  clusterRoleBindingKind,
  clusterRoleKind,
  configMapKind,
  createCachedReads,
  createStoreStorage,
  customResourceDefinitionKind,
  eventKind,
  eventV1Definition,
  groupResource,
  type KubernetesObject,
  leaseKind,
  type ResourceKind,
  type ResourceStorage,
  type Role,
  reviewDefinitions,
  roleBindingKind,
  roleKind,
  type Store,
  type StoredResource,
  type StoreStorageOptions,
  serviceAccountKind,
  storedResource,
  tokenAction,
  type WatchCache,
  withStorage,
} from '@porch/apiserver';
import { functionConfigDefinition } from '../api/function-config/definition.ts';
import { namespaceDefinition } from '../api/namespace/definition.ts';
import type { NamespaceGate } from '../api/namespace/gate.ts';
import { storageInNamespaces } from '../api/namespace/storage-in-namespaces.ts';
import { terminating } from '../api/namespace/strategy.ts';
import { packageRevDefinition } from '../api/package-rev/definition.ts';
import { repositoryDefinition } from '../api/repository/definition.ts';
import { secretDefinition } from '../api/secret/definition.ts';
import type { Clock } from '../cache/clock.ts';
import type { Registrations } from '../cache/registrations.ts';
import type { Engine } from '../engine/types.ts';
import { configGroup, functionConfigs, repositories } from '../resources/group.ts';
import type { RemoteUrlOptions } from '../resources/remote-url.ts';
import type { Access } from './access.ts';
import { extractionRules } from './extraction-rules.ts';
import { packageDefinitions } from './package-definitions.ts';

/** What the resources are made of. */
export interface DefinitionOptions {
  readonly store: Store;
  readonly cache: WatchCache;
  readonly registrations: Registrations;
  readonly engine: Engine;
  readonly access: Access;
  readonly gate: NamespaceGate;
  readonly clock: Clock;
  /** Which remotes repositories and clones may name. */
  readonly remotes: RemoteUrlOptions;
  readonly enforceReadinessGates: boolean;
}

/** Everything that the server serves. */
export function resourceDefinitions(options: DefinitionOptions): readonly AnyResourceDefinition[] {
  const { store, cache, registrations, engine, clock, access, gate } = options;
  const { guard } = access;
  const stored = <T extends KubernetesObject>(
    key: string,
    resource: StoredResource,
    more: Pick<StoreStorageOptions<T>, 'createOnUpdate' | 'deleting'> = {},
  ) => {
    const rules = extractionRules.get(key);
    return createStoreStorage<T>({
      store,
      cache,
      resource,
      now: clock,
      garbageCollected: true,
      ...more,
      ...(rules === undefined ? {} : { rules }),
    });
  };
  const storageOf = <T extends KubernetesObject>(kind: ResourceKind<T>): Required<ResourceStorage<T>> => {
    const { allowCreateOnUpdate } = kind.strategy;
    const storage = stored<T>(groupResource(kind.plural, kind.group), storedResource(kind), {
      createOnUpdate: allowCreateOnUpdate === true,
    });
    const resource = { group: kind.group, resource: kind.plural };
    return kind.namespaced ? storageInNamespaces(storage, gate, resource) : storage;
  };
  const plain = <T extends KubernetesObject>(kind: ResourceKind<T>) => withStorage(kind, storageOf(kind));
  const role = <T extends Role | ClusterRole>(kind: ResourceKind<T>) =>
    withStorage(kind, guard.roles(storageOf(kind), kind.plural));
  const binding = (kind: ResourceKind<Binding>) => withStorage(kind, guard.bindings(storageOf(kind), kind.plural));
  const events = storageOf(eventKind);
  return [
    namespaceDefinition({
      stored: stored(
        'namespaces',
        { group: '', plural: 'namespaces', kind: 'Namespace', namespaced: false },
        { deleting: terminating },
      ),
    }),
    secretDefinition({
      gate,
      stored: stored('secrets', { group: '', plural: 'secrets', kind: 'Secret', namespaced: true }),
    }),
    plain(configMapKind),
    {
      ...plain(serviceAccountKind),
      actions: access.accounts === undefined ? [] : [tokenAction(access.accounts)],
    },
    withStorage(eventKind, events),
    eventV1Definition(events),
    plain(leaseKind),
    withStorage(customResourceDefinitionKind, createCachedReads({ cache, resource: customResourceDefinitionKind })),
    role(roleKind),
    role(clusterRoleKind),
    binding(roleBindingKind),
    binding(clusterRoleBindingKind),
    ...reviewDefinitions(access),
    repositoryDefinition({
      gate,
      ...options.remotes,
      registered: registrations.list,
      watchRegistered: registrations.watch,
      stored: stored(repositories, {
        group: configGroup,
        plural: 'repositories',
        kind: 'Repository',
        namespaced: true,
        hasGeneration: true,
      }),
    }),
    functionConfigDefinition({
      gate,
      stored: stored(functionConfigs, {
        group: configGroup,
        plural: 'functionconfigs',
        kind: 'FunctionConfig',
        namespaced: true,
        hasGeneration: true,
      }),
    }),
    ...packageDefinitions({
      engine,
      gate,
      clock,
      ...options.remotes,
      enforceReadinessGates: options.enforceReadinessGates,
    }),
    packageRevDefinition({ engine }),
  ];
}

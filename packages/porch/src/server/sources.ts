import { isBeingDeleted, type WatchCache } from '@porch/apiserver';
import type { NamespaceState } from '../api/namespace/gate.ts';
import type { FunctionConfigSource } from '../cache/function-config-source.ts';
import type { NamespaceEnd } from '../cache/namespace-end.ts';
import type { Registrations } from '../cache/registrations.ts';
import type { SecretSource } from '../cache/secret-source.ts';
import { storeFunctionConfigs } from '../cache/store-function-configs.ts';
import { storeRegistrations } from '../cache/store-registrations.ts';
import { storeSecrets } from '../cache/store-secrets.ts';
import { namespaces } from '../resources/group.ts';
import type { ServerState } from './open-state.ts';

/** Objects that the server works with and that may be kept elsewhere: in its own store, or in a cluster. */
export interface Sources {
  readonly registrations: Registrations;
  readonly secrets: SecretSource;
  readonly namespaces: NamespaceEnd;
  readonly functionConfigs: FunctionConfigSource;
}

/** What a namespace of the server's own is like. */
export function storedNamespaceState(objects: WatchCache, namespace: string): NamespaceState {
  const served = objects.get({ resource: namespaces, namespace: '', name: namespace });
  if (served === undefined) return undefined;
  return isBeingDeleted(served) ? 'terminating' : 'active';
}

/** Everything is in the server's own store. */
export function storedSources({ store, objects }: ServerState): Sources {
  return {
    registrations: storeRegistrations(objects, store),
    secrets: storeSecrets(objects),
    namespaces: { isTerminating: (namespace) => storedNamespaceState(objects, namespace) === 'terminating' },
    functionConfigs: storeFunctionConfigs(objects, store),
  };
}

import type { AnyResourceDefinition } from '@porch/apiserver';
import { NamespaceGate } from '../api/namespace/gate.ts';
import type { Engine } from '../engine/types.ts';
import type { Access } from './access.ts';
import type { Composition } from './composition.ts';
import { resourceDefinitions } from './definitions.ts';
import type { ServerState } from './open-state.ts';
import { type Sources, storedNamespaceState } from './sources.ts';

/** What is served, and the gate that namespaced objects are created through. */
export interface ServedResources {
  readonly definitions: readonly AnyResourceDefinition[];
  readonly gate: NamespaceGate;
}

/** Puts together the definitions of everything that is served. */
export function servedResources(
  { settings, clock }: Composition,
  { store, objects }: ServerState,
  { registrations }: Pick<Sources, 'registrations'>,
  engine: Engine,
  access: Access,
): ServedResources {
  const gate = new NamespaceGate((namespace) => storedNamespaceState(objects, namespace));
  const definitions = resourceDefinitions({
    gate,
    store,
    cache: objects,
    registrations,
    engine,
    access,
    clock,
    remotes: { allowLocal: settings.allowLocalRepositories, hosts: settings.gitHosts },
    enforceReadinessGates: settings.enforceReadinessGates,
  });
  return { definitions, gate };
}

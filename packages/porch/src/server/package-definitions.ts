import type { AnyResourceDefinition } from '@porch/apiserver';
import type { NamespaceGate } from '../api/namespace/gate.ts';
import { packageDefinition } from '../api/package/definition.ts';
import { packageRevisionDefinition } from '../api/package-revision/definition.ts';
import type { ClusterCollection } from '../api/package-revision/without-owners.ts';
import { packageRevisionResourcesDefinition } from '../api/package-revision-resources/definition.ts';
import type { Clock } from '../cache/clock.ts';
import type { Engine } from '../engine/types.ts';
import type { RemoteUrlOptions } from '../resources/remote-url.ts';

/** What the resources of packages are made of. */
export interface PackageDefinitionOptions extends RemoteUrlOptions {
  readonly engine: Engine;
  readonly gate: NamespaceGate;
  readonly clock: Clock;
  readonly enforceReadinessGates: boolean;
  readonly collection?: ClusterCollection;
}

/** What `porch.kpt.dev` has. */
export function packageDefinitions(options: PackageDefinitionOptions): readonly AnyResourceDefinition[] {
  const { engine } = options;
  return [
    packageRevisionDefinition(options),
    packageRevisionResourcesDefinition({ engine }),
    packageDefinition({ engine }),
  ];
}

import type { ResourceDefinition } from '@porch/apiserver';
import type { Engine } from '../../engine/types.ts';
import { porchGroup, porchVersion } from '../../resources/group.ts';
import {
  type PackageRevisionResources,
  packageRevisionResourcesSchema,
} from '../../resources/package-revision-resources.ts';
import { packageRevisionResourcesSelectors } from './selectors.ts';
import { packageRevisionResourcesStrategy } from './strategy.ts';
import { packageRevisionResourcesTable } from './table.ts';

/** What the resource is made of. */
export interface PackageRevisionResourcesOptions {
  readonly engine: Engine;
}

/** `packagerevisionresources.porch.kpt.dev`: the files of package revisions. */
export function packageRevisionResourcesDefinition(
  options: PackageRevisionResourcesOptions,
): ResourceDefinition<PackageRevisionResources> {
  const { engine } = options;
  return {
    group: porchGroup,
    version: porchVersion,
    plural: 'packagerevisionresources',
    singular: 'packagerevisionresources',
    kind: 'PackageRevisionResources',
    listKind: 'PackageRevisionResourcesList',
    namespaced: true,
    description: 'The files of a package revision.',
    schema: packageRevisionResourcesSchema,
    strategy: packageRevisionResourcesStrategy,
    storage: {
      get: (context, name) => engine.objectCache().packageRevisionResources.get(context, name),
      list: (context, query) => engine.objectCache().packageRevisionResources.list(context, query),
      watch: (context, query, sink) => engine.objectCache().packageRevisionResources.watch(context, query, sink),
      update: (context, name, update, write) => engine.updatePackageResources(context, name, update, write),
    },
    table: packageRevisionResourcesTable,
    selectableFields: packageRevisionResourcesSelectors,
    methodHint: 'the files of a package come and go with its PackageRevision; create or delete that',
    default(object) {
      object.spec ??= {};
    },
    strategicMergePatch: true,
  };
}

import type { ResourceDefinition } from '@porch/apiserver';
import type { Engine } from '../../engine/types.ts';
import { porchGroup, porchVersion } from '../../resources/group.ts';
import { type PorchPackage, porchPackageSchema } from '../../resources/porch-package.ts';
import { packageSelectors } from './selectors.ts';
import { packageTable } from './table.ts';

/** What the resource is made of. */
export interface PackageOptions {
  readonly engine: Engine;
}

/** `packages.porch.kpt.dev`: packages across their revisions, to be read only. */
export function packageDefinition(options: PackageOptions): ResourceDefinition<PorchPackage> {
  const { engine } = options;
  return {
    group: porchGroup,
    version: porchVersion,
    plural: 'packages',
    singular: 'package',
    kind: 'PorchPackage',
    listKind: 'PorchPackageList',
    namespaced: true,
    description: 'A package across all its revisions.',
    schema: porchPackageSchema,
    strategy: {},
    storage: {
      get: (context, name) => engine.objectCache().packages.get(context, name),
      list: (context, query) => engine.objectCache().packages.list(context, query),
      watch: (context, query, sink) => engine.objectCache().packages.watch(context, query, sink),
    },
    table: packageTable,
    selectableFields: packageSelectors,
    methodHint: 'packages follow from their revisions; create, update or delete a PackageRevision instead',
    strategicMergePatch: true,
  };
}

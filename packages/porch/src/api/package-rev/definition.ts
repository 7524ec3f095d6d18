import type { ResourceDefinition } from '@porch/apiserver';
import type { Engine } from '../../engine/types.ts';
import { configGroup, configVersion } from '../../resources/group.ts';
import { type PackageRev, packageRevSchema } from '../../resources/package-rev.ts';
import { packageRevTable } from './table.ts';

/** What the resource is made of. */
export interface PackageRevOptions {
  readonly engine: Engine;
}

/** `packagerevs.config.porch.kpt.dev`: a record of each package revision, for tools that list them; to be read only. */
export function packageRevDefinition({ engine }: PackageRevOptions): ResourceDefinition<PackageRev> {
  return {
    group: configGroup,
    version: configVersion,
    plural: 'packagerevs',
    singular: 'packagerev',
    kind: 'PackageRev',
    listKind: 'PackageRevList',
    namespaced: true,
    description: "The record of a package revision's metadata, under the same name.",
    schema: packageRevSchema,
    strategy: {},
    storage: {
      get: (context, name) => engine.objectCache().packageRevs.get(context, name),
      list: (context, query) => engine.objectCache().packageRevs.list(context, query),
      watch: (context, query, sink) => engine.objectCache().packageRevs.watch(context, query, sink),
    },
    table: packageRevTable,
    methodHint: 'these records follow from package revisions; create, update or delete a PackageRevision instead',
    strategicMergePatch: true,
  };
}

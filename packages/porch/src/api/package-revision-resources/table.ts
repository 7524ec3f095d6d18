import { column, nameColumn, type TableConvertor } from '@porch/apiserver';
import type { PackageRevisionResources } from '../../resources/package-revision-resources.ts';

/** Package revision resources as `kubectl get` shows them. */
export const packageRevisionResourcesTable: TableConvertor<PackageRevisionResources> = {
  columns: [
    nameColumn,
    column('Package', 'string', 'Package, with its path in the repository.'),
    column('WorkspaceName', 'string', 'Workspace of the package revision.'),
    column('Revision', 'integer', 'Number of the revision: 0 until it is published, -1 for the tracked branch.'),
    column('Repository', 'string', 'Repository the package is in.'),
    column('Files', 'integer', 'Number of files.'),
  ],
  cells: ({ metadata, spec }) => [
    metadata.name ?? '',
    spec?.packageName ?? '',
    spec?.workspaceName ?? '',
    spec?.revision ?? 0,
    spec?.repository ?? '',
    Object.keys(spec?.resources ?? {}).length,
  ],
};

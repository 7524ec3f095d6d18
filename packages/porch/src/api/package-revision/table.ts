import { ageCell, ageColumn, column, nameColumn, type TableConvertor } from '@porch/apiserver';
import { latestRevisionLabel } from '../../resources/group.ts';
import type { PackageRevision } from '../../resources/package-revision.ts';

/** Package revisions as `kubectl get` shows them. */
export const packageRevisionTable: TableConvertor<PackageRevision> = {
  columns: [
    nameColumn,
    column('Package', 'string', 'Package, with its path in the repository.'),
    column('WorkspaceName', 'string', 'Workspace of the package revision.'),
    column('Revision', 'integer', 'Number of the revision: 0 until it is published, -1 for the tracked branch.'),
    column('Latest', 'boolean', 'Whether this is the latest published revision of its package.'),
    column('Lifecycle', 'string', 'Draft, Proposed, Published or DeletionProposed.'),
    column('Repository', 'string', 'Repository the package is in.'),
    { ...ageColumn, priority: 1 },
  ],
  cells: ({ metadata, spec }) => [
    metadata.name ?? '',
    spec?.packageName ?? '',
    spec?.workspaceName ?? '',
    spec?.revision ?? 0,
    metadata.labels?.[latestRevisionLabel] === 'true',
    spec?.lifecycle ?? 'Draft',
    spec?.repository ?? '',
    ageCell,
  ],
};

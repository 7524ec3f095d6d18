import { column, nameColumn, type TableConvertor } from '@porch/apiserver';
import type { PorchPackage } from '../../resources/porch-package.ts';

/** Packages as `kubectl get` shows them. */
export const packageTable: TableConvertor<PorchPackage> = {
  columns: [
    nameColumn,
    column('Package', 'string', 'Package, with its path in the repository.'),
    column('Repository', 'string', 'Repository the package is in.'),
    column('Latest Revision', 'integer', 'Highest published revision; 0 when there is none.'),
  ],
  cells: ({ metadata, spec, status }) => [
    metadata.name ?? '',
    spec?.packageName ?? '',
    spec?.repository ?? '',
    status?.latestRevision ?? 0,
  ],
};

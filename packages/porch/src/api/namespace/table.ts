import { ageCell, ageColumn, column, nameColumn, type TableConvertor } from '@porch/apiserver';
import type { Namespace } from '../../resources/namespace.ts';

/** Namespaces as `kubectl get` shows them. */
export const namespaceTable: TableConvertor<Namespace> = {
  columns: [nameColumn, column('Status', 'string', 'Phase of the namespace.'), ageColumn],
  cells: ({ metadata, status }) => [
    metadata.name ?? '',
    metadata.deletionTimestamp === undefined ? (status?.phase ?? 'Active') : 'Terminating',
    ageCell,
  ],
};

import { ageCell, ageColumn, column, nameColumn, type TableConvertor } from '@porch/apiserver';
import type { Secret } from '../../resources/secret.ts';

/** Secrets as `kubectl get` shows them. */
export const secretTable: TableConvertor<Secret> = {
  columns: [
    nameColumn,
    column('Type', 'string', 'Kind of secret.'),
    column('Data', 'integer', 'Number of values.'),
    ageColumn,
  ],
  cells: ({ metadata, type, data }) => [metadata.name ?? '', type ?? 'Opaque', Object.keys(data ?? {}).length, ageCell],
};

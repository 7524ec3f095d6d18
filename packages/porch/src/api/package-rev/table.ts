import { ageCell, ageColumn, nameColumn, type TableConvertor } from '@porch/apiserver';
import type { PackageRev } from '../../resources/package-rev.ts';

/** Records as `kubectl get` shows them. */
export const packageRevTable: TableConvertor<PackageRev> = {
  columns: [nameColumn, ageColumn],
  cells: ({ metadata }) => [metadata.name ?? '', ageCell],
};

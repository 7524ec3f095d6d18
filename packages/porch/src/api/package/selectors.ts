import { type SelectableFields, withoutOuterSlashes } from '@porch/apiserver';
import type { PorchPackage } from '../../resources/porch-package.ts';

const names = ['spec.packageName', 'spec.repository'];

/** Field selectors of packages. */
export const packageSelectors: SelectableFields<PorchPackage> & { normalize(field: string, value: string): string } = {
  of: ({ spec }) => ({
    'spec.packageName': spec?.packageName ?? '',
    'spec.repository': spec?.repository ?? '',
  }),
  known: (field) => names.includes(field),
  names,
  refusesOtherNamespaces: true,
  normalize: (field, value) => (field === 'spec.packageName' ? withoutOuterSlashes(value) : value),
};

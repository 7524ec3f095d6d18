import type { SelectableFields } from '@porch/apiserver';
import type { Secret } from '../../resources/secret.ts';

/** Field selectors of Secrets. */
export const secretSelectors: SelectableFields<Secret> = {
  of: ({ type }) => ({ type: type ?? 'Opaque' }),
  known: (field) => field === 'type',
  names: ['type'],
};

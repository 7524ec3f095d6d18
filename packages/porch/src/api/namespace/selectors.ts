import type { SelectableFields } from '@porch/apiserver';
import type { Namespace } from '../../resources/namespace.ts';

/** Field selectors of namespaces. */
export const namespaceSelectors: SelectableFields<Namespace> = {
  of: ({ status }) => ({ 'status.phase': status?.phase ?? 'Active' }),
  known: (field) => field === 'status.phase',
  names: ['status.phase'],
};

import type { SelectableFields } from '@porch/apiserver';
import type { FunctionConfig } from '../../resources/function-config.ts';

/** Field selectors of FunctionConfigs. */
export const functionConfigSelectors: SelectableFields<FunctionConfig> = {
  of: ({ spec }) => ({ 'spec.image': spec?.image ?? '' }),
  known: (field) => field === 'spec.image',
  names: ['spec.image'],
};

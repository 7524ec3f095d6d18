import type { SelectableFields } from '@porch/apiserver';
import type { Repository } from '../../resources/repository.ts';

const names = ['spec.type', 'spec.git.repo', 'spec.git.branch', 'spec.git.directory'];

/** Field selectors of repositories. */
export const repositorySelectors: SelectableFields<Repository> = {
  of: ({ spec }) => ({
    'spec.type': spec?.type ?? '',
    'spec.git.repo': spec?.git?.repo ?? '',
    'spec.git.branch': spec?.git?.branch ?? '',
    'spec.git.directory': spec?.git?.directory ?? '',
  }),
  known: (field) => names.includes(field),
  names,
};

import { ageCell, ageColumn, column, nameColumn, type TableConvertor } from '@porch/apiserver';
import type { FunctionConfig } from '../../resources/function-config.ts';

/** FunctionConfigs as `kubectl get` shows them. */
export const functionConfigTable: TableConvertor<FunctionConfig> = {
  columns: [
    nameColumn,
    column('Image', 'string', 'Base name of the images that this is about.'),
    column('Executors', 'string', 'Ways that the images are run.'),
    column('Tags', 'string', 'Tags that are named.'),
    column('Error', 'string', 'Why it is not acted on as it says.'),
    ageColumn,
  ],
  cells({ metadata, spec, status }) {
    const executors = { go: spec?.goExecutor, binary: spec?.binaryExecutor, pod: spec?.podExecutor };
    const used = Object.entries(executors).filter(([, executor]) => executor !== undefined);
    const tags = new Set(used.flatMap(([, executor]) => executor?.tags ?? []));
    return [
      metadata.name ?? '',
      spec?.image ?? '',
      used.map(([name]) => name).join(','),
      [...tags].join(','),
      status?.error ?? '',
      ageCell,
    ];
  },
};

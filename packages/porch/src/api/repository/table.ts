import { ageCell, ageColumn, column, nameColumn, type TableConvertor, wideColumn } from '@porch/apiserver';
import { redactedUrl } from '../../resources/remote-url.ts';
import type { Repository } from '../../resources/repository.ts';

/** Repositories as `kubectl get` shows them. */
export const repositoryTable: TableConvertor<Repository> = {
  columns: [
    nameColumn,
    column('Type', 'string', 'Kind of storage: git or oci.'),
    column('Content', 'string', 'What the repository holds: Package.'),
    column('Sync Schedule', 'string', 'Cron expression of the synchronisation; empty for the default interval.'),
    column('Deployment', 'boolean', 'Whether its packages are deployed as they are.'),
    column('Ready', 'string', 'Whether the repository can be used.'),
    column('Address', 'string', 'URL of the repository.'),
    column('Branch', 'string', 'Branch that published packages go to.'),
    ageColumn,
    wideColumn('Reason', 'string', 'Why it can be used, or cannot, or why it is not gone yet: one word.'),
    wideColumn('Message', 'string', 'The same in words, and what to do.'),
  ],
  cells({ metadata, spec, status }) {
    const condition = (wanted: string) => status?.conditions?.find(({ type }) => type === wanted);
    const ready = condition('Ready');
    const why = condition('Unregistered') ?? ready;
    return [
      metadata.name ?? '',
      spec?.type ?? '',
      spec?.content ?? '',
      spec?.sync?.schedule ?? '',
      spec?.deployment ?? false,
      ready?.status ?? '',
      redactedUrl(spec?.git?.repo ?? spec?.oci?.registry ?? ''),
      spec?.git?.branch ?? '',
      ageCell,
      why?.reason ?? '',
      why?.message ?? '',
    ];
  },
};

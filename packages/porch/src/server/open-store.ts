import { exponentialBuckets, type Metrics, openSqliteStore, type Store } from '@porch/apiserver';
import type { Logger } from 'pino';
import { secrets } from '../resources/group.ts';
import { type DataFiles, secretsKey } from './data-files.ts';

/** Opens the store of a data directory, in which Secrets are encrypted. Whoever opens it holds the directory's lock. */
export async function openStore(
  files: DataFiles,
  logger: Logger,
  onFatal: (error: Error) => void,
  metrics: Metrics,
): Promise<Store> {
  const groups = metrics.histogram({
    name: 'apiserver_storage_group_size',
    help: 'Write sets that were committed together, with one sync to disk.',
    buckets: exponentialBuckets(1, 2, 10),
  });
  return openSqliteStore({
    directory: files.store,
    logger,
    encryption: { key: await secretsKey(files), resources: new Set([secrets]) },
    onFatal,
    onGroup: (writeSets) => groups.observe({}, writeSets),
  });
}

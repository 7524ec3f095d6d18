import { openSqliteStore, type Store } from '@porch/apiserver';
import type { Logger } from 'pino';
import { secrets } from '../resources/group.ts';
import { type DataFiles, secretsKey } from './data-files.ts';

/** Opens the store of a data directory, in which Secrets are encrypted. Whoever opens it holds the directory's lock. */
export async function openStore(files: DataFiles, logger: Logger, onFatal: (error: Error) => void): Promise<Store> {
  return openSqliteStore({
    directory: files.store,
    logger,
    encryption: { key: await secretsKey(files), resources: new Set([secrets]) },
    onFatal,
  });
}

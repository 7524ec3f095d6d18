import {
  type CompactedStore,
  type EncryptionOptions,
  exponentialBuckets,
  type Metrics,
  openPostgresStore,
  openSqliteStore,
  type Store,
  StoreNotEmptyError,
  StoreUnavailableError,
} from '@porch/apiserver';
import type { Logger } from 'pino';
import { authorities } from '../cache/records.ts';
import { secrets } from '../resources/group.ts';
import { requireFinishedRestore } from './backups/unfinished-restore.ts';
import type { DataFiles } from './data-files.ts';
import { databaseUrl } from './database-url.ts';
import { secretsKey } from './secrets-key.ts';
import type { Settings } from './settings.ts';
import { StartupError, UnreachableError } from './startup-error.ts';

/** What decides where the state is kept. */
export type StoreSettings = Pick<Settings, 'database' | 'encryptionKeyFile'>;

/** Holds the tables in a shared database. */
const schema = 'porch';

/** How long requests wait for a shared database that is away, before they are told to come back. */
const unavailableAfterMs = 5_000;

const onlyKeyIsHere =
  'Secrets in the shared database are encrypted with a key that only this data directory has: keep a copy of the file, and give it to all ' +
  'servers with --encryption-key-file';

/** What is encrypted in the database, by the key that is kept outside it. */
async function storeEncryption(files: DataFiles, settings: StoreSettings): Promise<EncryptionOptions> {
  const key = await secretsKey(files, settings.encryptionKeyFile);
  return { key, resources: new Set([secrets, authorities]) };
}

/**
 * Opens the store: the shared database where the settings name one, else that of the data directory, whose lock the caller holds.
 * `continuesAfter`: revision of a store whose history a new one follows.
 * @throws StartupError when the settings are wrong, or the database cannot be used; UnreachableError when it is away
 * @throws StoreNotEmptyError when the store was to be a new one
 */
export async function openStore(
  files: DataFiles,
  settings: StoreSettings,
  logger: Logger,
  onFatal: (error: Error) => void,
  metrics: Metrics,
  continuesAfter?: number,
): Promise<Store> {
  const history = continuesAfter === undefined ? {} : { continuesAfter };
  await requireFinishedRestore(files.root);
  const encryption = await storeEncryption(files, settings);
  const url = await databaseUrl(settings.database);
  const groups = metrics.histogram({
    name: 'apiserver_storage_group_size',
    help: 'Write sets that this process has committed together, with one sync to disk.',
    buckets: exponentialBuckets(1, 2, 10),
  });
  const compacted = metrics.counter<'kind'>({
    name: 'apiserver_storage_compacted_total',
    help: 'What the store has forgotten: entries of the log that are too old or too many, and contents that nothing names.',
    labels: ['kind'],
  });
  const onCompacted = ({ entries, contents }: CompactedStore): void => {
    compacted.add({ kind: 'entries' }, entries);
    compacted.add({ kind: 'contents' }, contents);
  };
  const onGroup = (writeSets: number): void => groups.observe({}, writeSets);
  const own = { logger, encryption, onFatal, onCompacted, onGroup, ...history };
  try {
    if (url === undefined) return await openSqliteStore({ directory: files.store, ...own });
    const store = await openPostgresStore({ url, schema, unavailableAfterMs, ...own });
    if (settings.encryptionKeyFile === '') logger.warn({ file: files.secretsKey }, onlyKeyIsHere);
    return store;
  } catch (error) {
    if (error instanceof StoreNotEmptyError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    if (error instanceof StoreUnavailableError) throw new UnreachableError(why, { cause: error });
    throw new StartupError(`${why}${why.includes('encryption key') ? keyAdvice(settings, url) : ''}`, { cause: error });
  }
}

/** What to do when the key is not that of the store. */
function keyAdvice({ encryptionKeyFile }: StoreSettings, url: string | undefined): string {
  if (url !== undefined) {
    return '; all servers on one database need the same key: give its file with --encryption-key-file';
  }
  const advice = '; give the file of the one that the server had with --encryption-key-file';
  return encryptionKeyFile === '' ? advice : `${advice}, or leave that out for the key of the data directory`;
}

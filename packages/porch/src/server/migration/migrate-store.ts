import { existsSync } from 'node:fs';
import { noMetrics, type Snapshot, type Store, StoreNotEmptyError } from '@porch/apiserver';
import type { Logger } from 'pino';
import { authorities, putRecord, recordOf } from '../../cache/records.ts';
import { BrokerRefusedError, startBroker } from '../../git/broker/start-broker.ts';
import type { KeptAuthorities } from '../certificates/authorities.ts';
import { authorityFiles } from '../certificates/authority-files.ts';
import { authorityKey } from '../certificates/stored-authority.ts';
import { prepareDataDirectory } from '../data-directory.ts';
import { type DataFiles, openDataFiles } from '../data-files.ts';
import { databaseUrl } from '../database-url.ts';
import { openStore, type StoreSettings } from '../open-store.ts';
import { requireStore } from '../require-store.ts';
import { type DatabaseSettings, defaultSettings } from '../settings.ts';
import { noteSharedState } from '../shared-state.ts';
import { StartupError } from '../startup-error.ts';
import { type Copied, copyStore } from './copy-store.ts';
import { requireNoMembers } from './running-members.ts';

/** A move between the store of a data directory and a shared database. */
export interface MigrationOptions {
  /** Absolute path of the data directory. */
  readonly directory: string;
  readonly database: DatabaseSettings;
  /** Absolute path of the key that the database's Secrets are encrypted with; empty for the data directory's. */
  readonly encryptionKeyFile: string;
  readonly direction: 'to-database' | 'to-directory';
  readonly logger: Logger;
}

/**
 * Copies a whole store: objects, what is kept beside them, content, and the certificate authorities. Secrets are encrypted with the key of the
 * new place. Revisions go on far beyond those of the old store, so that clients begin again instead of mistaking one for another. The old
 * store stays as it is.
 * @throws StartupError when either is in use or cannot be used, or the new one is not empty
 */
export async function migrateStore(options: MigrationOptions): Promise<Copied> {
  const { directory, database, logger, direction } = options;
  const flag = direction === 'to-database' ? '--from' : '--to';
  // Nothing is made where there is nothing to move.
  if (direction === 'to-database') await requireStore(directory, flag);
  await databaseUrl(database);
  for (const warning of await prepareDataDirectory(directory, flag)) logger.warn(warning);
  const lock = await hold(directory, logger);
  try {
    const files = await openDataFiles(directory);
    const copied = direction === 'to-database' ? await toDatabase(files, options) : await toDirectory(files, options);
    // What is left of the old state in a directory is no longer to be worked on.
    await noteSharedState(directory, direction === 'to-database');
    return copied;
  } catch (error) {
    if (!(error instanceof StoreNotEmptyError)) throw error;
    const where = direction === 'to-database' ? 'the database' : `the data directory ${directory}`;
    throw new StartupError(`${where} holds a store already; choose an empty one`, { cause: error });
  } finally {
    await lock.close();
  }
}

async function hold(directory: string, logger: Logger) {
  try {
    return await startBroker({ directory, logger });
  } catch (error) {
    if (error instanceof BrokerRefusedError) throw new StartupError(error.message, { cause: error });
    throw error;
  }
}

async function toDatabase(files: DataFiles, options: MigrationOptions): Promise<Copied> {
  const [from, to] = [directorySettings(files, options), databaseSettings(files, options)];
  return between(files, options, from, to, noCheck, async (_snapshot, copy) => {
    const kept = await authorityFiles(files).read();
    return copy(kept === undefined ? [] : [putRecord(authorityKey, kept, 0)]);
  });
}

async function toDirectory(files: DataFiles, options: MigrationOptions): Promise<Copied> {
  const [from, to] = [databaseSettings(files, options), defaultSettings];
  return between(files, options, from, to, requireNoMembers, async (snapshot, copy) => {
    const authority = snapshot.objects.find(({ key }) => key.resource === authorities);
    // Without it the server would make another one, which no kubeconfig knows.
    return copy([], async () => {
      const place = authorityFiles(files);
      if (authority !== undefined) await place.replace(await place.read(), recordOf<KeptAuthorities>(authority));
    });
  });
}

/** A directory that has no key of its own is of a server that was given the one that is named. */
function directorySettings(files: DataFiles, { encryptionKeyFile }: MigrationOptions): StoreSettings {
  return existsSync(files.secretsKey) ? defaultSettings : { ...defaultSettings, encryptionKeyFile };
}

/** The database's key is the directory's own unless another one is named. */
function databaseSettings(files: DataFiles, { database, encryptionKeyFile }: MigrationOptions): StoreSettings {
  return { database, encryptionKeyFile: encryptionKeyFile === '' ? files.secretsKey : encryptionKeyFile };
}

/** Nobody else works on the store of a directory whose lock is held. */
const noCheck = async (): Promise<void> => undefined;

type Copy = (more: Parameters<typeof copyStore>[3], beside?: () => Promise<void>) => Promise<Copied>;

/** Opens both stores, the new one after the history of the old, once that has been checked. */
async function between(
  files: DataFiles,
  { logger }: MigrationOptions,
  from: StoreSettings,
  to: StoreSettings,
  check: (source: Store, snapshot: Snapshot) => Promise<void>,
  work: (snapshot: Snapshot, copy: Copy) => Promise<Copied>,
): Promise<Copied> {
  const failed = (error: Error): never => {
    logger.fatal({ err: error }, 'the store cannot be used any further');
    process.exit(1);
  };
  const source = await openStore(files, from, logger, failed, noMetrics);
  try {
    const snapshot = await source.snapshot();
    if (snapshot.objects.length === 0) throw new StartupError('there is nothing to move: the store is empty');
    await check(source, snapshot);
    const target = await openStore(files, to, logger, failed, noMetrics, snapshot.revision);
    try {
      return await work(snapshot, (more, beside) => copyStore(source, snapshot, target, more, beside));
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

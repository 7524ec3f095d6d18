import { once } from 'node:events';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { endProcess } from '../end-process.ts';
import { makeDirectory } from '../make-directory.ts';
import type { Store } from '../store.ts';
import { defaultRetention } from '../store-options.ts';
import type { SqliteStoreOptions } from './options.ts';
import { fromErrorMessage, type WorkerMessage, type WorkerSettings } from './protocol.ts';
import { SqliteStore } from './sqlite-store.ts';

/** What passes through the thread is short-lived: a small young generation costs it nothing, and saves tens of megabytes. */
const youngGeneration = { maxYoungGenerationSizeMb: 8 };

/**
 * Opens the store in a directory, in a thread of its own. The store holds its file exclusively until it is closed.
 * @throws Error that says what is wrong with the directory, the file or the key, and what to do
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { directory, encryption, logger, retention = defaultRetention } = options;
  if (encryption !== undefined && encryption.key.length !== 32) {
    throw new Error(`the encryption key must have 32 bytes, not ${encryption.key.length}`);
  }
  await makeDirectory(directory);
  const settings: WorkerSettings = {
    file: join(directory, 'store.db'),
    encryption:
      encryption === undefined ? undefined : { key: new Uint8Array(encryption.key), resources: encryption.resources },
    retention,
    continuesAfter: options.continuesAfter,
  };
  // Run from source the file is worker.ts, packed it is worker.js.
  const entry = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(entry, { name: 'store', workerData: settings, resourceLimits: youngGeneration });
  // Heard from the start: both events may come before anything that waits for the first goes on.
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const [first] = (await once(worker, 'message')) as [WorkerMessage];
  if (first.type !== 'ready') {
    await exited;
    throw first.type === 'refused' ? fromErrorMessage(first.error) : new Error(`the store's thread said ${first.type}`);
  }
  return new SqliteStore(worker, {
    fatal: options.onFatal ?? ((error) => endProcess(logger, error)),
    compacted({ entries, contents }) {
      logger?.info({ entries, contents }, 'store compacted');
      options.onCompacted?.({ entries, contents });
    },
    groupCommitted: options.onGroup ?? (() => undefined),
    listenerFailed: (error) => logger?.error({ err: error }, 'a listener of the store failed'),
  });
}

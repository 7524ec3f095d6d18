import { endProcess } from '../end-process.ts';
import type { Store } from '../store.ts';
import { defaultRetention } from '../store-options.ts';
import type { PostgresSettings, PostgresStoreOptions } from './options.ts';

/**
 * Opens the store in a schema of a PostgreSQL database, and creates its tables when they are missing. Several processes may have it open.
 * PostgreSQL's client library is loaded by the first call.
 * @throws StoreUnavailableError when the server is away, or starting: it may be there at another time
 * @throws Error that says what else is wrong with the options, the server or the schema, and what to do
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const settings = checkOptions(options);
  const { startStore } = await import('./start.ts');
  return startStore(settings, options.onFatal ?? ((error) => endProcess(options.logger, error)));
}

function checkOptions(options: PostgresStoreOptions): PostgresSettings {
  const { url, connection, schema = 'apiserver', encryption, logger } = options;
  const { onCompacted = () => undefined, onGroup = () => undefined } = options;
  if ((url === undefined) === (connection === undefined)) {
    throw new Error('one of the options url and connection is needed, and not both');
  }
  if (!/^[a-z_][a-z0-9_]{0,47}$/.test(schema) || schema.startsWith('pg_')) {
    throw new Error(
      `the schema "${schema}" must have lower-case letters, digits and underscores only, begin with a letter but not with "pg_", and have 48 characters at most`,
    );
  }
  const { retention = defaultRetention, unavailableAfterMs = 10_000, continuesAfter } = options;
  const own = { url, connection, schema, encryption, retention, unavailableAfterMs, continuesAfter };
  return Object.freeze({ ...own, onCompacted, onGroup, logger });
}

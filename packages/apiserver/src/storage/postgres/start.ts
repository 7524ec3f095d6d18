import { randomUUID } from 'node:crypto';
import { checkKey } from '../encryption-key.ts';
import { StoreNotEmptyError } from '../not-empty.ts';
import { createSealing } from '../sealing.ts';
import { type Store, StoreUnavailableError } from '../store.ts';
import { beginSession, type SessionKind } from './begin-session.ts';
import { checkPostgresUrl, clientConfig, describeServer } from './client-config.ts';
import { Connection } from './connection.ts';
import { ConnectionLostError, DatabaseError, isPassing } from './database-error.ts';
import { continueHistory, leadsOn } from './history.ts';
import { migrate } from './migrate.ts';
import type { PostgresSettings } from './options.ts';
import { PostgresStore } from './postgres-store.ts';
import type { ReadContext } from './reads.ts';
import { Session } from './session.ts';
import { channelOf, createStatements } from './statements.ts';

/** The first connections get this long at least, however little patience there is later: the database has just answered. */
const openingMs = 10_000;

/** What is found when the store is opened. */
interface Beginning {
  readonly revision: number;
  readonly identity: string;
}

/**
 * Prepares the database and makes a store of it.
 * @throws StoreUnavailableError that names the database, when it is away, or starting
 * @throws Error that names it and says what else is wrong
 */
export async function startStore(settings: PostgresSettings, fatal: (error: Error) => void): Promise<Store> {
  if (settings.url !== undefined) checkPostgresUrl(settings.url);
  const context = { statements: createStatements(settings.schema), sealing: createSealing(settings.encryption) };
  try {
    const beginning = await prepare(settings, context);
    return await assemble(settings, context, beginning, fatal);
  } catch (error) {
    if (error instanceof StoreNotEmptyError) throw error;
    const because = error instanceof Error ? error.message : String(error);
    const message = `the database ${describeServer(settings)} cannot be opened: ${because}${hint(error)}`;
    if (isPassing(error)) throw new StoreUnavailableError(message, false, { cause: error });
    throw new Error(message, { cause: error });
  }
}

async function prepare(settings: PostgresSettings, context: ReadContext): Promise<Beginning> {
  const connection = await Connection.open(clientConfig(settings));
  try {
    await beginSession(connection, settings.schema, 'bulk');
    await migrate(connection, settings.schema);
    await warnOfUnsafeServer(connection, settings);
    await checkDatabaseKey(connection, settings, context);
    // Once more: the tables, which belong to the identity, may be new.
    const { identity } = await beginSession(connection, settings.schema, 'bulk');
    const { continuesAfter } = settings;
    const isNew = continuesAfter !== undefined;
    const seen = { revision: continuesAfter ?? 0 };
    const { revision, jumped } = await continueHistory(connection, context, identity, seen, isNew);
    if (jumped && !isNew) {
      settings.logger?.warn(
        { revision },
        'the database comes from a backup or another server took over: revisions jump, and clients that watch begin again',
      );
    }
    return { revision, identity };
  } finally {
    await connection.close();
  }
}

async function assemble(
  settings: PostgresSettings,
  context: ReadContext,
  { revision, identity }: Beginning,
  fatal: (error: Error) => void,
): Promise<Store> {
  const { schema, logger, unavailableAfterMs } = settings;
  let store: PostgresStore | undefined;
  const connect = async (kind: SessionKind, follows: boolean): Promise<Connection> => {
    const notified = (payload: string) => store?.notified(Number(payload));
    const connection = await Connection.open(clientConfig(settings), follows ? { notified } : {});
    try {
      const facts = await beginSession(connection, schema, kind);
      const seen = store?.seen ?? { revision };
      if (follows || facts.identity !== identity || !(await leadsOn(connection, context, seen))) {
        const { jumped } = await continueHistory(connection, context, facts.identity, seen);
        if (jumped || !follows || facts.identity !== identity) {
          store?.fail(new Error('a backup was restored or another server took over; start the process again'));
        }
      }
      if (follows) await connection.script(`LISTEN "${channelOf(schema)}"`);
      return connection;
    } catch (error) {
      connection.destroy();
      throw error;
    }
  };
  const session = (name: string, kind: SessionKind, follows = false) =>
    new Session(() => connect(kind, follows), unavailableAfterMs, {
      keep: follows,
      connected: () => {
        if (follows) store?.poll();
      },
      failing: (error) => logger?.warn({ err: error, session: name }, 'no connection to the database; trying again'),
    });
  const sessions = {
    writer: session('writer', 'writer'),
    tail: session('tail', 'reader', true),
    reads: session('reads', 'reader'),
    bulk: session('bulk', 'bulk'),
  };
  store = new PostgresStore({
    settings,
    ...context,
    sessions,
    writer: randomUUID(),
    revision,
    fatal,
  });
  try {
    const withinMs = Math.max(unavailableAfterMs, openingMs);
    // All of them: where there is no room for one, that is found out before anybody counts on it.
    await Promise.all(Object.values(sessions).map((each) => each.ready(withinMs)));
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

async function checkDatabaseKey(
  connection: Connection,
  { encryption }: PostgresSettings,
  { statements }: ReadContext,
): Promise<void> {
  const read = async () => (await connection.run<{ value: string }>(statements.readMeta, ['key_check']))[0]?.value;
  const check = checkKey(await read(), encryption?.key);
  if (check === undefined) return;
  await connection.run(statements.addMeta, ['key_check', check]);
  // Another process may have been first, with another key.
  checkKey(await read(), encryption?.key);
}

async function warnOfUnsafeServer(connection: Connection, { logger }: PostgresSettings): Promise<void> {
  const unsafe = await connection.query<{ name: string }>(
    "SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off'",
  );
  if (unsafe.length === 0) return;
  const settings = unsafe.map(({ name }) => name);
  logger?.warn(
    { settings },
    'the database can lose acknowledged writes when its machine fails: these settings are off',
  );
}

function hint(error: unknown): string {
  if (error instanceof StoreUnavailableError) return hint(error.cause);
  if (error instanceof ConnectionLostError) {
    return error.wasAway ? '; check that the server runs and can be reached' : '; check the URL and the certificates';
  }
  if (!(error instanceof DatabaseError)) return '';
  switch (error.code) {
    case '28P01':
    case '28000':
      return '; check the user, the password and pg_hba.conf';
    case '42501':
      return '; make the user the owner of the database, or of the schema in it';
    case '3D000':
      return '; create the database first';
    case '53300':
      return '; every process needs four connections';
    default:
      return '';
  }
}

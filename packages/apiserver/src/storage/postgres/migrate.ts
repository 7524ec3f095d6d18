import type { Connection } from './connection.ts';
import { DatabaseError } from './database-error.ts';
import { migrations } from './migrations.ts';

const oldestServer = 140_000;

/**
 * Creates or migrates a schema's tables. Of several processes one does it while the others wait.
 * @throws Error that says what is wrong and what to do
 */
export async function migrate(connection: Connection, schema: string): Promise<void> {
  await requireServer(connection);
  await connection.script('BEGIN');
  try {
    await connection.script(`SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s'`);
    await connection.query(`SELECT pg_advisory_xact_lock(hashtextextended('store migrations ${schema}', 0))`);
    await createSchema(connection, schema);
    await connection.script(`SET LOCAL search_path = "${schema}"`);
    await applyMissing(connection, schema);
    await connection.script('COMMIT');
  } catch (error) {
    if (connection.alive) await connection.script('ROLLBACK');
    throw describe(error, schema);
  }
}

async function requireServer(connection: Connection): Promise<void> {
  const [row] = await connection.query<{ version: string; encoding: string }>(
    "SELECT current_setting('server_version_num') AS version, current_setting('server_encoding') AS encoding",
  );
  if (Number(row?.version) < oldestServer) {
    throw new Error(`the database's server is too old (${row?.version}); PostgreSQL 14 or newer is needed`);
  }
  if (row?.encoding !== 'UTF8') {
    throw new Error(`the database's encoding is ${row?.encoding}; create one with ENCODING 'UTF8'`);
  }
}

async function createSchema(connection: Connection, schema: string): Promise<void> {
  const found = await connection.query(`SELECT 1 AS found FROM pg_namespace WHERE nspname = '${schema}'`);
  if (found.length === 0) await connection.script(`CREATE SCHEMA "${schema}"`);
}

async function applyMissing(connection: Connection, schema: string): Promise<void> {
  const [row] = await connection.query<{ ours: boolean; tables: number }>(
    `SELECT to_regclass('"${schema}".store_migrations') IS NOT NULL AS ours,
       (SELECT count(*)::int FROM pg_tables WHERE schemaname = '${schema}') AS tables`,
  );
  if (row?.ours !== true && (row?.tables ?? 0) > 0) {
    throw new Error(`the schema "${schema}" holds tables of another program; choose another schema`);
  }
  if (row?.ours !== true) {
    await connection.script(
      'CREATE TABLE store_migrations (version int PRIMARY KEY, name text NOT NULL, applied timestamptz NOT NULL DEFAULT now())',
    );
  }
  const [last] = await connection.query<{ version: number }>(
    'SELECT coalesce(max(version), 0) AS version FROM store_migrations',
  );
  const present = last?.version ?? 0;
  const latest = migrations.at(-1)?.version ?? 0;
  if (present > latest) {
    throw new Error(
      `the schema "${schema}" was written by a newer version of this program (${present}, this one knows up to ${latest}); run that version or restore a backup made before the upgrade`,
    );
  }
  for (const { version, name, sql } of migrations) {
    if (version <= present) continue;
    await connection.script(sql);
    await connection.script(`INSERT INTO store_migrations (version, name) VALUES (${version}, '${name}')`);
  }
}

function describe(error: unknown, schema: string): unknown {
  if (!(error instanceof DatabaseError) || error.code !== '42501') return error;
  return new Error(
    `the database's user may not create what the store needs (${error.message}); create the schema "${schema}" and make that user its owner`,
    { cause: error },
  );
}

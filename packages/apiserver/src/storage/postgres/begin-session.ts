import type { Connection } from './connection.ts';
import { DatabaseError } from './database-error.ts';
import { readServerFacts, type ServerFacts } from './server-identity.ts';

/** What a connection is used for. */
export type SessionKind = 'writer' | 'reader' | 'bulk';

/** Limits that the server keeps to where nothing else is said: on one statement, and on a client that leaves a transaction open. */
export const usualLimits = { statement: '30s', idle: '5s' } as const;

const everywhere = `
  SET statement_timeout = '${usualLimits.statement}';
  SET lock_timeout = '20s';
  SET idle_in_transaction_session_timeout = '${usualLimits.idle}';
  SET default_transaction_isolation = 'read committed';
  SET default_transaction_read_only = off;
  SET client_min_messages = warning;
  SET jit = off;
`;

const whereItIs = `
  -- Weaker than on is not durable; stronger is the operator's choice.
  SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
  -- From version 17 on. It would end reads of all objects, and content on a slow link, which may take their time.
  SELECT set_config('transaction_timeout', '0', false) WHERE current_setting('transaction_timeout', true) IS NOT NULL;
`;

/** All statements of these go by an index, whatever the planner believes of a table that it has not looked at yet. */
const indexed = 'SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;';

const byKind = {
  // Planning a commit's statement takes longer than running it.
  writer: `${indexed} SET plan_cache_mode = force_generic_plan;`,
  reader: indexed,
  bulk: '',
} as const satisfies Record<SessionKind, string>;

/**
 * Settings that the store's promises rest on, whatever the database's own defaults are, and what is to be known of the server.
 * @throws DatabaseError, also for a server that cannot be written to; ConnectionLostError
 */
export async function beginSession(connection: Connection, schema: string, kind: SessionKind): Promise<ServerFacts> {
  await connection.script(everywhere + byKind[kind]);
  await connection.script(whereItIs);
  const facts = await readServerFacts(connection, schema);
  if (facts.standby) throw new DatabaseError('25006', 'this server only follows another one and cannot be written to');
  return facts;
}

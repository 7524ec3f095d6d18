import type { Connection } from './connection.ts';
import { DatabaseError } from './database-error.ts';

/** What is learned of the server when a connection begins. */
export interface ServerFacts {
  /** The session's process on the server. */
  readonly pid: number;
  /** Whether it only follows another server. */
  readonly standby: boolean;
  /**
   * Changes when another history of the same database may have begun: another cluster, another timeline (a standby was promoted, a
   * backup was restored to a point in time), or other tables (a dump was restored). Empty on a standby.
   */
  readonly identity: string;
}

interface FactsRow {
  readonly pid: number;
  readonly standby: boolean;
  readonly identity: string | null;
}

/**
 * Reads what is to be known of the server.
 * @throws DatabaseError, ConnectionLostError
 */
export async function readServerFacts(connection: Connection, schema: string): Promise<ServerFacts> {
  const tables = `coalesce(to_regclass('"${schema}".counter')::oid::text, '-')`;
  const timeline = 'substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)';
  const read = async (system: string): Promise<ServerFacts> => {
    const [row] = await connection.query<FactsRow & Record<string, unknown>>(
      `SELECT pg_backend_pid() AS pid, pg_is_in_recovery() AS standby,
         CASE WHEN NOT pg_is_in_recovery() THEN concat_ws('/', ${system}, ${timeline}, ${tables}) END AS identity`,
    );
    if (row === undefined) throw new Error('the server told nothing of itself');
    return { pid: row.pid, standby: row.standby, identity: row.identity ?? '' };
  };
  try {
    return await read('(SELECT system_identifier FROM pg_control_system())');
  } catch (error) {
    // Some hosted databases keep this to themselves.
    if (error instanceof DatabaseError && error.code === '42501') return read("'-'");
    throw error;
  }
}

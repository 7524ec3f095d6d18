import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginSession } from './begin-session.ts';
import { clientConfig } from './client-config.ts';
import { Connection } from './connection.ts';
import { canRunPostgres, PostgresServer } from './postgres-server.test-support.ts';

describe.skipIf(!canRunPostgres())('a session', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await PostgresServer.create();
  });

  afterAll(async () => {
    await server.destroy();
  });

  test.each([
    ['statement_timeout', '1s', '30s'],
    ['lock_timeout', '1s', '20s'],
    ['idle_in_transaction_session_timeout', '1s', '5s'],
    ['transaction_timeout', '1s', '0'],
    ['default_transaction_isolation', 'serializable', 'read committed'],
    ['default_transaction_read_only', 'on', 'off'],
    ['synchronous_commit', 'off', 'on'],
    ['synchronous_commit', 'remote_apply', 'remote_apply'],
  ])('that the database gives %s %s has %s', async (name, given, kept) => {
    const config = clientConfig({ url: undefined, connection: server.connection });
    const connection = await Connection.open({ ...config, options: `-c ${name}=${given.replace(' ', '\\ ')}` });
    await beginSession(connection, 'none', 'bulk');
    expect(await connection.query(`SELECT current_setting('${name}') AS value`)).toEqual([{ value: kept }]);
    await connection.close();
  });
});

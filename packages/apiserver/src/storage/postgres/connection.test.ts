import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientConfig } from './client-config.ts';
import { Connection } from './connection.ts';
import { ConnectionLostError } from './database-error.ts';
import { canRunPostgres, PostgresServer } from './postgres-server.test-support.ts';

describe.skipIf(!canRunPostgres())('a connection', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await PostgresServer.create();
  });

  afterAll(async () => {
    await server.destroy();
  });

  const open = () =>
    Connection.open(clientConfig({ url: undefined, connection: server.connection }), { silenceMs: 4000 });

  test('stays as long as an answer goes on coming, however long it takes in all', async () => {
    const connection = await open();
    // Rows that are larger than what the server gathers before it sends.
    const slow = "SELECT pg_sleep(0.1) AS slept, repeat('x', 20000) AS filling FROM generate_series(1, 50)";
    const [rows, after] = await Promise.all([connection.query(slow), connection.query('SELECT 1 AS one')]);
    expect([rows.length, after]).toEqual([50, [{ one: 1 }]]);
    await connection.close();
  });

  test('is given up when the server says nothing, but not while it is asked nothing', async () => {
    const [idle, asked] = [await open(), await open()];
    await idle.query('SELECT 1');
    const refused = asked.query('SELECT pg_sleep(600)');
    await expect(refused).rejects.toThrow(ConnectionLostError);
    await expect(refused).rejects.toThrow('no answer for 4000 ms');
    expect([idle.alive, asked.alive]).toEqual([true, false]);
    // It has been silent for as long by now, and is watched all the same.
    await expect(idle.query('SELECT pg_sleep(600)')).rejects.toThrow('no answer for 4000 ms');
    await Promise.all([idle.close(), asked.close()]);
  });
});

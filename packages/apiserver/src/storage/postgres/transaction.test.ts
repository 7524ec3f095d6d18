import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { putThing } from '../store-suite.test-support.ts';
import { clientConfig } from './client-config.ts';
import { Connection } from './connection.ts';
import { DatabaseError } from './database-error.ts';
import { canRunPostgres, PostgresServer } from './postgres-server.test-support.ts';
import { Session } from './session.ts';
import { createStatements } from './statements.ts';
import { TestSchema } from './test-schema.test-support.ts';
import { transaction } from './transaction.ts';

const one = { name: 'one', text: 'SELECT 1 AS one' };

describe.skipIf(!canRunPostgres())('a transaction that fails', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await PostgresServer.create();
  });

  afterAll(async () => {
    await server.destroy();
  });

  test('fails alone: the next write on the same connection is made', async () => {
    const schema = new TestSchema(server, 'failed_write');
    const store = await schema.open();
    await store.commit({ operations: [putThing('before')] });
    const holder = new TestSchema(server, 'failed_write');
    await holder.query('BEGIN');
    await holder.query('SELECT * FROM counter FOR UPDATE');
    const refused = expect(store.commit({ operations: [putThing('refused')] })).rejects.toThrow('57014');
    const cancel = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'`;
    while ((await schema.query(cancel)).length === 0);
    await refused;
    await holder.query('COMMIT');
    const { revision } = await store.commit({ operations: [putThing('after')] });
    expect(revision).toBe(3);
    expect((await store.snapshot()).objects.map(({ key }) => key.name).sort()).toEqual(['after', 'before']);
    await holder.close();
    await schema.close();
  });

  test('whose COMMIT is cancelled before it begins does not stay open', async () => {
    const connection = await Connection.open(clientConfig({ url: undefined, connection: server.connection }));
    const script = connection.script.bind(connection);
    connection.script = (text) => script(text === 'COMMIT' ? 'SELECT 1 / 0' : text);
    await expect(transaction(connection, 'BEGIN', () => [connection.run(one)])).rejects.toThrow('22012');
    expect(await connection.run(one)).toEqual([{ one: 1 }]);
    connection.script = () => Promise.reject(new DatabaseError('57014', 'canceling statement due to user request'));
    await expect(transaction(connection, 'BEGIN', () => [connection.run(one)])).rejects.toThrow('57014');
    expect(connection.alive).toBe(false);
  });

  test('and was left open by somebody before is no reason to fail', async () => {
    const config = clientConfig({ url: undefined, connection: server.connection });
    const session = new Session(() => Connection.open(config), 60_000);
    const before = await session.ready();
    await before.script('BEGIN');
    await expect(before.script('SELECT 1 / 0')).rejects.toThrow('22012');
    expect(await session.repeatable((connection) => connection.run(one))).toEqual([{ one: 1 }]);
    await session.close();
  });

  test('whose beginning fails does nothing', async () => {
    const schema = new TestSchema(server, 'not_begun');
    const store = await schema.open();
    for (const name of ['a', 'b']) await store.commit({ operations: [putThing(name)] });
    const [writer] = await schema.query<{ id: string; epoch: number }>('SELECT id, epoch FROM writers');
    await schema.query('UPDATE counter SET oldest = 2');
    const connection = await Connection.open(clientConfig({ url: undefined, connection: server.connection }));
    const { lockCounter, write, forgetLog } = createStatements('not_begun');
    // As they are run when the server has given up the BEGIN before them.
    await connection.run(lockCounter);
    const values = ['[]', writer?.id, writer?.epoch, 9, '[]', [], 0];
    expect(await connection.run(write, values)).toMatchObject([{ entered: false }]);
    expect(await connection.run(forgetLog, [[2]])).toEqual([]);
    await connection.script('BEGIN');
    await connection.run(lockCounter);
    expect(await connection.run(write, values)).toMatchObject([{ entered: true, unchanged: true }]);
    expect(await connection.run(forgetLog, [[2]])).toEqual([{ revision: 2 }]);
    await connection.script('ROLLBACK');
    await connection.close();
    await schema.close();
  });
});

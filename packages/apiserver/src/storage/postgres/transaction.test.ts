import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { putThing } from '../store-suite.ts';
import { canRunPostgres, PostgresServer } from './postgres-server.test-support.ts';
import { TestSchema } from './test-schema.test-support.ts';

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
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Change } from '../store.ts';
import { putThing } from '../store-suite.test-support.ts';
import { canRunPostgres, PostgresServer } from './postgres-server.test-support.ts';
import { TestSchema } from './test-schema.test-support.ts';

describe.skipIf(!canRunPostgres())('a read of the log that the server gives up', () => {
  let server: PostgresServer;
  let schema: TestSchema;

  beforeAll(async () => {
    server = await PostgresServer.create();
    schema = new TestSchema(server, 'refused');
  });

  afterAll(async () => {
    await schema.close();
    await server.destroy();
  });

  test('is made again: the process goes on, and misses nothing', async () => {
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => undefined);
    const store = await schema.open({ onFatal: failed.reject });
    const heard = Promise.withResolvers<readonly Change[]>();
    store.onCommit(heard.resolve);
    // As while the table is rewritten (VACUUM FULL).
    const holder = new TestSchema(server, schema.name);
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE log IN ACCESS EXCLUSIVE MODE');
    store.notified(2);
    const cancel = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'`;
    while ((await schema.query(cancel)).length === 0);
    await holder.query('COMMIT');
    await holder.close();
    const other = await schema.open();
    const { changes } = await other.commit({ operations: [putThing('a')] });
    expect(await Promise.race([heard.promise, failed.promise])).toEqual(changes);
  });
});

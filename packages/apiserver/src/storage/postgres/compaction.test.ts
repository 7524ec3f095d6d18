import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { putThing } from '../store-suite.test-support.ts';
import { clientConfig } from './client-config.ts';
import { retain, revisionToForget } from './compaction.ts';
import { Connection } from './connection.ts';
import { canRunPostgres, PostgresServer } from './postgres-server.test-support.ts';
import type { PostgresStore } from './postgres-store.ts';
import { createStatements } from './statements.ts';
import { TestSchema } from './test-schema.test-support.ts';

const hour = 3_600_000;

describe.skipIf(!canRunPostgres())('compaction', () => {
  let server: PostgresServer;
  let schema: TestSchema;
  let store: PostgresStore;
  let connection: Connection;
  let schemas = 0;

  const connect = () => Connection.open(clientConfig({ url: undefined, connection: server.connection }));
  const statements = () => createStatements(schema.name);
  const toForget = (maxAgeMs: number, maxEntries: number) =>
    revisionToForget(connection, statements(), { maxAgeMs, maxEntries });
  const write = (...names: string[]) =>
    store.commit({ operations: names.map((name) => putThing(name, { at: Math.random() })) });

  beforeAll(async () => {
    server = await PostgresServer.create();
  });

  afterAll(async () => {
    await server.destroy();
  });

  beforeEach(async () => {
    schema = new TestSchema(server, `compaction_${++schemas}`);
    store = await schema.open();
    connection = await connect();
  });

  afterEach(async () => {
    await connection.close();
    await schema.close();
  });

  test('retention by count forgets whole write sets', async () => {
    for (let n = 0; n < 5; n++) await write('a', 'b', 'c');
    // 16 - 5 = 11 lies within the write set of 11 to 13.
    expect(await toForget(hour, 5)).toBe(10);
    expect(await toForget(hour, 6)).toBe(10);
    expect(await toForget(hour, 100)).toBe(1);
  });

  test('retention by age forgets what is older and nothing else', async () => {
    for (let n = 0; n < 6; n++) await write('a', 'b');
    expect(await toForget(hour, 1000)).toBe(1);
    for (const old of [3, 5, 11]) {
      await schema.query(`UPDATE log SET time = time - ${2 * hour} WHERE revision <= ${old} AND time > ${hour}`);
      await schema.query(`UPDATE log SET time = 1 WHERE revision <= ${old}`);
      expect(await toForget(hour, 1000)).toBe(old);
    }
    expect(await toForget(-hour, 1000)).toBe(13);
  });

  test('is done by one process at a time', async () => {
    for (let n = 0; n < 5; n++) await write('a');
    const retention = { maxAgeMs: hour, maxEntries: 2 };
    const other = await connect();
    await other.query(`SELECT pg_advisory_lock(hashtextextended('store compaction ${schema.name}', 0))`);
    expect(await retain(connection, statements(), schema.name, retention, hour)).toBeUndefined();
    await other.close();
    const removed = () => retain(connection, statements(), schema.name, retention, hour);
    // The lock goes with the session, which the server ends in its own time.
    let result = await removed();
    while (result === undefined) result = await removed();
    // 2 to 4 may go; 4 stays as the state before 5.
    expect(result).toEqual({ entries: 2, contents: 0 });
  });

  test('goes on beside writes, and leaves what they need', async () => {
    const names = Array.from({ length: 500 }, (_, n) => `t${n}`);
    for (let n = 0; n < 2; n++) await Promise.all(names.map((name) => write(name)));
    const [removed] = await Promise.all([store.compact(900), ...names.slice(0, 200).map((name) => write(name))]);
    expect(removed.entries).toBeGreaterThan(500);
    const { changes } = await store.changesAfter(900, 10_000);
    expect(changes.map((change) => change.revision)).toEqual(Array.from({ length: 301 }, (_, n) => 901 + n));
    const missing = await schema.query(
      'SELECT l.revision FROM log l WHERE l.revision > 900 AND l.previous_revision > 0 AND NOT EXISTS (SELECT FROM log p WHERE p.revision = l.previous_revision)',
    );
    expect(missing).toEqual([]);
  });
});

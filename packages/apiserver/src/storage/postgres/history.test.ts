import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { jumpDistance } from '../jump-distance.ts';
import { putThing, thingKey, thingValue } from '../store-suite.test-support.ts';
import { canRunPostgres, PostgresServer } from './postgres-server.test-support.ts';
import { TestSchema } from './test-schema.test-support.ts';

describe.skipIf(!canRunPostgres())('another history of the database', () => {
  let server: PostgresServer;
  let schema: TestSchema;
  let schemas = 0;

  /** What was lost and written anew, with as many changes. */
  const writtenOver = `UPDATE log SET name = 'b' WHERE revision = 2; UPDATE objects SET name = 'b' WHERE revision = 2`;

  beforeAll(async () => {
    server = await PostgresServer.create();
  });

  afterAll(async () => {
    await server.destroy();
  });

  beforeEach(() => {
    schema = new TestSchema(server, `history_${++schemas}`);
  });

  afterEach(async () => {
    await schema.close();
  });

  test('opening again on the same server goes on counting', async () => {
    await (await schema.open()).commit({ operations: [putThing('a')] });
    await server.stop('crash');
    await server.start();
    expect((await (await schema.open()).snapshot()).revision).toBe(2);
  });

  test('tables from elsewhere: the counter jumps, once, and the log starts there', async () => {
    const before = await schema.open();
    await before.commit({ operations: [putThing('a', { n: 1 }), putThing('b')] });
    await before.close();
    // As in a dump that is restored on another server.
    await schema.query("UPDATE meta SET value = 'elsewhere' WHERE key = 'identity'");
    const [store, other] = await Promise.all([schema.open(), schema.open()]);
    const jumped = (await store.snapshot()).revision;
    expect(jumped).toBeGreaterThanOrEqual(3 + jumpDistance);
    await expect(store.changesAfter(3, 10)).rejects.toMatchObject({ name: 'CompactedError', oldest: jumped });
    const { changes } = await other.commit({ operations: [putThing('a', { n: 2 }, { expected: 2 })] });
    expect(changes).toMatchObject([{ revision: jumped + 1, previousRevision: 2 }]);
    expect((await store.objectAt(thingKey('a'), jumped))?.value).toBe(thingValue('a', { n: 1 }));
  });

  test('the same backup restored again: no revision of the time between is given out again', async () => {
    const before = await schema.open();
    await before.commit({ operations: [putThing('a')] });
    await before.close();
    const restored = async () => {
      await schema.query(`
        UPDATE meta SET value = 'elsewhere' WHERE key = 'identity';
        DELETE FROM log; DELETE FROM objects WHERE name <> 'a'; UPDATE counter SET revision = 2, oldest = 2`);
      const store = await schema.open();
      const { revision } = await store.commit({ operations: [putThing('b')] });
      await store.close();
      return revision;
    };
    const earlier = await restored();
    expect(await restored()).toBeGreaterThan(earlier);
  });

  test.each([
    ['another server has taken over', "UPDATE meta SET value = 'elsewhere' WHERE key = 'identity'"],
    ['the counter is behind what was seen', 'UPDATE counter SET revision = 1, oldest = 1'],
    ['others have written over what was seen', writtenOver],
    ['the log no longer reaches back to what was seen', 'UPDATE counter SET revision = 50, oldest = 40'],
  ])('a running store ends when %s', async (_, sql) => {
    const failure = Promise.withResolvers<Error>();
    const store = await schema.open({ onFatal: failure.resolve });
    await store.commit({ operations: [putThing('a')] });
    await schema.query(sql);
    await schema.endSessions();
    expect((await failure.promise).message).toContain('start the process again');
    await expect(store.commit({ operations: [putThing('b')] })).rejects.toThrow('the store has failed');
    await expect(store.snapshot()).rejects.toThrow('the store has failed');
    const again = await schema.open();
    expect((await again.commit({ operations: [putThing('c')] })).revision).toBeGreaterThan(2);
  });

  test('whichever connection is made first finds out, before anything is done with it', async () => {
    const failure = Promise.withResolvers<Error>();
    const store = await schema.open({ onFatal: failure.resolve });
    await store.commit({ operations: [putThing('a')] });
    const read = () => store.objectAt(thingKey('a'), 2);
    await read();
    await schema.query(writtenOver);
    // Only the connection that such reads have; those that follow and write are kept.
    await schema.query(`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'revisioned store' AND query LIKE 'WITH next%'`);
    await expect(read()).rejects.toThrow('closed');
    expect((await failure.promise).message).toContain('start the process again');
    expect((await (await schema.open()).snapshot()).revision).toBeGreaterThan(jumpDistance);
  });
});

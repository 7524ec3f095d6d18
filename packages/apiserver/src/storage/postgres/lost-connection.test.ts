import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Change, StoreUnavailableError } from '../store.ts';
import { putThing, thingKey } from '../store-suite.test-support.ts';
import { CuttingProxy } from './cutting-proxy.test-support.ts';
import { canRunPostgres, PostgresServer } from './postgres-server.test-support.ts';
import type { PostgresStore } from './postgres-store.ts';
import { TestSchema } from './test-schema.test-support.ts';

describe.skipIf(!canRunPostgres())('a connection lost', () => {
  let server: PostgresServer;
  let proxy: CuttingProxy;
  let schema: TestSchema;
  let store: PostgresStore;
  let schemas = 0;

  beforeAll(async () => {
    server = await PostgresServer.create();
  });

  afterAll(async () => {
    await server.destroy();
  });

  beforeEach(async () => {
    proxy = await CuttingProxy.create(server.connection);
    schema = new TestSchema(server, `lost_${++schemas}`);
    store = await schema.open({ connection: proxy.connection });
    await store.commit({ operations: [putThing('first')] });
  });

  afterEach(async () => {
    await schema.close();
    await proxy.close();
  });

  /** A write whose answer is cut; it must have been made once, and its revision known. */
  const writeThroughCut = async (name: string, message: string) => {
    const { revision } = await store.snapshot();
    const cut = proxy.cutNext({ message, answers: 0 });
    const result = await store.commit({ operations: [putThing(name, {}, { expected: 0 })] });
    await cut;
    expect(result.changes.map((change) => change.revision)).toEqual([revision + 1]);
    expect((await store.changesAfter(revision, 10)).changes).toEqual(result.changes);
  };

  test('while a commit is answered: the outcome is asked for, and the write made once', async () => {
    // The answer was lost: the server has committed.
    for (let n = 0; n < 5; n++) await writeThroughCut(`t${n}`, 'COMMIT');
  });

  test('while objects are read for a commit: the commit begins again', async () => {
    for (let n = 0; n < 5; n++) await writeThroughCut(`t${n}`, `"name":"t${n}"`);
  });

  test('while the commit waits for the counter: it is made once, whoever gets the lock first', async () => {
    const holder = new TestSchema(server, schema.name);
    await holder.query('BEGIN');
    await holder.query('SELECT * FROM counter FOR UPDATE');
    const committing = store.commit({ operations: [putThing('waiting', {}, { expected: 0 })] });
    const waiting = `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'`;
    while ((await schema.query(waiting)).length === 0);
    // The server goes on waiting for a client that is no longer there.
    proxy.drop();
    while ((await schema.query(waiting)).length < 2);
    await holder.query('COMMIT');
    await holder.close();
    expect((await committing).changes.map((change) => change.revision)).toEqual([3]);
    expect((await store.changesAfter(1, 10)).changes).toHaveLength(2);
  });

  test('what was sent before and comes too late is void', async () => {
    const [before] = await schema.query<{ id: string; epoch: number }>('SELECT id, epoch FROM writers');
    proxy.drop();
    expect((await store.commit({ operations: [putThing('a')] })).revision).toBe(3);
    const [after] = await schema.query<{ id: string; epoch: number }>('SELECT id, epoch FROM writers');
    expect(after).toEqual({ id: before?.id, epoch: (before?.epoch ?? 0) + 1 });
    // Another process entering under the same name takes the place away; it is taken again.
    await schema.query('UPDATE writers SET epoch = epoch + 1');
    expect((await store.commit({ operations: [putThing('b')] })).revision).toBe(4);
    await schema.query('DELETE FROM writers');
    expect((await store.commit({ operations: [putThing('c')] })).revision).toBe(5);
  });

  test('while others wait for the same read: all are answered', async () => {
    const cut = proxy.cutNext({ message: thingKey('first').resource, answers: 0 });
    const reads = Array.from({ length: 20 }, () => store.objectAt(thingKey('first'), 2));
    await cut;
    for (const object of await Promise.all(reads)) expect(object?.revision).toBe(2);
  });

  test('notifications that were missed are made up for', async () => {
    const other = await schema.open();
    const heard: number[] = [];
    store.onCommit((changes) => heard.push(...changes.map(({ revision }) => revision)));
    for (let n = 0; n < 5; n++) {
      proxy.drop();
      await other.commit({ operations: [putThing('a', { n })] });
    }
    await store.snapshot();
    expect(heard).toEqual([3, 4, 5, 6, 7]);
  });

  test('notifications of others on the same channel are passed over', async () => {
    const heard = Promise.withResolvers<readonly Change[]>();
    store.onCommit(heard.resolve);
    await schema.query(`SELECT pg_notify('${schema.name}_changes', '{"by": "another program"}')`);
    const other = await schema.open();
    const { changes } = await other.commit({ operations: [putThing('a')] });
    expect(await heard.promise).toEqual(changes);
  });

  test('a database that is away: reads and writes fail in time and say so; later ones succeed', async () => {
    const impatient = await schema.open({ unavailableAfterMs: 1 });
    await server.stop();
    const attempts = await Promise.allSettled([
      impatient.commit({ operations: [putThing('a')] }),
      impatient.latestRevision(),
      impatient.content('sha256:none'),
    ]);
    await server.start();
    for (const attempt of attempts) {
      expect(attempt.status === 'rejected' && attempt.reason).toBeInstanceOf(StoreUnavailableError);
    }
    // Ours waits for longer.
    expect((await store.commit({ operations: [putThing('b')] })).revision).toBe(3);
  });

  test('closing does not wait for a database that does not answer, and says what is not known', async () => {
    const impatient = await schema.open({ unavailableAfterMs: 2000 });
    // Its place among the writers is taken before, so that only the write itself is under way.
    await impatient.commit({ operations: [putThing('before')] });
    const holder = new TestSchema(server, schema.name);
    await holder.query('BEGIN; SELECT * FROM counter FOR UPDATE');
    const refused = expect(impatient.commit({ operations: [putThing('a')] })).rejects.toMatchObject({
      name: 'StoreUnavailableError',
      outcomeUnknown: true,
    });
    await impatient.close();
    await refused;
    await holder.query('COMMIT');
    await holder.close();
  });

  test('who is about to close waits for a database that is away once, and not with every call', async () => {
    const leaving = await schema.open({ unavailableAfterMs: 2000 });
    leaving.expectClose();
    expect((await leaving.commit({ operations: [putThing('a')] })).revision).toBe(3);
    await server.stop();
    const givenUp = /does not answer, and this process is about to end/;
    const refusalOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => undefined, String);
    while (!givenUp.test(String(await refusalOf(leaving.commit({ operations: [putThing('b')] })))));
    // A thousand times two seconds would be more than any test may take.
    for (let n = 0; n < 1000; n++) {
      await expect(leaving.commit({ operations: [putThing('b')] })).rejects.toThrow(StoreUnavailableError);
    }
    await expect(leaving.latestRevision()).rejects.toThrow(givenUp);
    await expect(leaving.content('sha256:none')).rejects.toThrow(givenUp);
    await leaving.close();
    await server.start();
  });

  test('who is about to close waits once for a database that says nothing, and is told what is not known', async () => {
    const leaving = await schema.open({ unavailableAfterMs: 2000 });
    await leaving.commit({ operations: [putThing('before')] });
    const holder = new TestSchema(server, schema.name);
    await holder.query('BEGIN; SELECT * FROM counter FOR UPDATE');
    const sent = leaving.commit({ operations: [putThing('sent')] });
    leaving.expectClose();
    await expect(sent).rejects.toMatchObject({ name: 'StoreUnavailableError', outcomeUnknown: true });
    await expect(leaving.commit({ operations: [] })).rejects.toThrow('is about to end');
    await leaving.close();
    await holder.query('COMMIT');
    await holder.close();
  });

  test('a write whose turn does not come fails in time, and is not made', async () => {
    const impatient = await schema.open({ unavailableAfterMs: 2000 });
    await impatient.commit({ operations: [putThing('before')] });
    const holder = new TestSchema(server, schema.name);
    await holder.query('BEGIN; SELECT * FROM counter FOR UPDATE');
    const sent = impatient.commit({ operations: [putThing('sent')] });
    const turn = Promise.withResolvers<void>();
    setImmediate(turn.resolve);
    await turn.promise;
    await expect(impatient.commit({ operations: [putThing('waiting')] })).rejects.toMatchObject({
      name: 'StoreUnavailableError',
      outcomeUnknown: false,
    });
    await holder.query('COMMIT');
    await holder.close();
    await sent;
    const { objects } = await impatient.snapshot();
    expect(objects.map(({ key }) => key.name).sort()).toEqual(['before', 'first', 'sent']);
  });

  test('a database that takes a question for the latest revision and says nothing: who asks is told in time', async () => {
    const impatient = await schema.open({ unavailableAfterMs: 2000 });
    const holder = new TestSchema(server, schema.name);
    await holder.query('BEGIN; LOCK TABLE counter');
    const [first, second] = [impatient.latestRevision(), impatient.latestRevision()];
    await expect(first).rejects.toThrow('did not answer in time');
    await expect(second).rejects.toThrow(StoreUnavailableError);
    await expect(impatient.latestRevision()).rejects.toThrow(StoreUnavailableError);
    await holder.query('COMMIT');
    await holder.close();
    expect(await impatient.latestRevision()).toBe(2);
  });

  test('a thousand questions for the latest revision share a few queries', async () => {
    await store.latestRevision();
    const before = proxy.sent;
    const answers = await Promise.all(Array.from({ length: 1000 }, () => store.latestRevision()));
    expect(new Set(answers)).toEqual(new Set([2]));
    expect(proxy.sent - before).toBeLessThan(10);
  });
});

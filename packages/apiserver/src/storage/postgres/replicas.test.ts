import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CachedReads, createCachedReads } from '../../registry/cached-reads.ts';
import { untilCurrent } from '../../registry/fresh-revision.ts';
import type { RequestContext } from '../../registry/resource.ts';
import { createWatchCache } from '../create-watch-cache.ts';
import type { Store } from '../store.ts';
import { putThing } from '../store-suite.test-support.ts';
import { clientConfig } from './client-config.ts';
import { Connection } from './connection.ts';
import { linkDirectory, openDirectoryStore, schemaOf } from './directory-store.test-support.ts';
import { counterKey, countUp, writeThings } from './load.test-support.ts';
import { canRunPostgres, PostgresServer } from './postgres-server.test-support.ts';
import { ReplicaProcess } from './replica-process.test-support.ts';
import { TestSchema } from './test-schema.test-support.ts';

async function readsOf(store: Store): Promise<CachedReads> {
  const cache = await createWatchCache({ store, definitions: new Map() });
  return createCachedReads({ cache, resource: { group: 'example.com', plural: 'things' } });
}

const from2 = (count: number) => Array.from({ length: count }, (_, n) => n + 2);

describe.skipIf(!canRunPostgres())('several processes on one database', () => {
  let server: PostgresServer;
  let directory: string;
  let store: Store;
  let heard: number[];
  const replicas: ReplicaProcess[] = [];

  const startReplica = async () => {
    const replica = await ReplicaProcess.start(directory);
    replicas.push(replica);
    return replica;
  };

  beforeAll(async () => {
    server = await PostgresServer.create();
  });

  afterAll(async () => {
    await server.destroy();
  });

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'store-replicas-'));
    await linkDirectory(directory, server.connection);
    store = await openDirectoryStore(directory, { unavailableAfterMs: 60_000 });
    heard = [];
    store.onCommit((changes) => heard.push(...changes.map(({ revision }) => revision)));
  });

  afterEach(async () => {
    await Promise.all(replicas.splice(0).map((replica) => replica.kill()));
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  test('each hears how many write sets it has committed together, and not of those of others', async () => {
    const groups: number[] = [];
    const other = await openDirectoryStore(directory, { onGroup: (writeSets) => groups.push(writeSets) });
    try {
      await store.commit({ operations: [putThing('a')] });
      await Promise.all(['b', 'c', 'd'].map((name) => other.commit({ operations: [putThing(name)] })));
      await other.commit({ operations: [] });
      await other.commit({ operations: [putThing('e')] }, { dryRun: true });
      expect(groups).toEqual([3]);
    } finally {
      await other.close();
    }
  });

  test('revisions are consecutive and unique over both, and both hear of all in order', async () => {
    const replica = await startReplica();
    const written = new Map<string, number>();
    await Promise.all([
      replica.order({ type: 'write', prefix: 'there', count: 300 }),
      writeThings(store, 'here', 300, (name, revision) => written.set(name, revision)),
    ]);
    const revisions = [...written.values(), ...replica.written.values()].sort((a, b) => a - b);
    expect(revisions).toEqual(from2(600));
    await replica.hasHeard(601);
    expect(replica.heard).toEqual(from2(600));
    expect((await store.snapshot()).objects).toHaveLength(600);
    expect(heard).toEqual(from2(600));
  });

  test('who reads before writing loses no update of the other', async () => {
    const replica = await startReplica();
    const cache = await createWatchCache({ store, definitions: new Map() });
    await Promise.all([replica.order({ type: 'count', times: 60 }), countUp(store, cache, 60)]);
    await untilCurrent(cache, new AbortController().signal);
    expect(cache.get(counterKey)?.decode()).toMatchObject({ count: 120 });
  });

  test('what was acknowledged by one is what the other reads next', async () => {
    const other = await openDirectoryStore(directory);
    try {
      const [mine, theirs] = await Promise.all([readsOf(store), readsOf(other)]);
      const context = { namespace: 'default', signal: new AbortController().signal } as RequestContext;
      for (let n = 0; n < 100; n++) {
        const [writer, reader] = n % 2 === 0 ? [store, theirs] : [other, mine];
        const { revision } = await writer.commit({ operations: [putThing('a', { n })] });
        if (n % 3 > 0) expect((await reader.get(context, 'a')).revision).toBe(revision);
        else expect((await reader.list(context, { limit: 0 })).revision).toBe(revision);
      }
    } finally {
      await other.close();
    }
  });

  test('kill -9 of one loses nothing that was acknowledged, and holds nobody up', async () => {
    const replica = await startReplica();
    const other = await startReplica();
    const endless = replica.order({ type: 'write', prefix: 'killed', count: 1_000_000 });
    const going = other.order({ type: 'write', prefix: 'going', count: 200 });
    await replica.hasWritten(150);
    await replica.kill();
    await going;
    void endless;
    await store.commit({ operations: [putThing('after')] });
    const { objects, revision } = await store.snapshot();
    const found = new Map(objects.map((object) => [object.key.name, object.revision]));
    for (const [name, at] of [...replica.written, ...other.written])
      expect([name, found.get(name)]).toEqual([name, at]);
    expect(other.written.size).toBe(200);
    expect(heard).toEqual(from2(revision - 1));
  });

  test('the database restarted under load: acknowledged writes are there, and everybody goes on', async () => {
    const replica = await startReplica();
    const written = new Map<string, number>();
    const count = 1500;
    const load = Promise.all([
      replica.order({ type: 'write', prefix: 'there', count }),
      writeThings(store, 'here', count, (name, revision) => written.set(name, revision)),
    ]);
    for (const how of ['crash', 'orderly', 'crash'] as const) {
      const until = Math.min(count, replica.written.size + 200);
      await replica.hasWritten(until);
      await server.stop(how);
      await server.start();
    }
    await load;
    const { objects, revision } = await store.snapshot();
    const found = new Map(objects.map((object) => [object.key.name, object.revision]));
    expect(new Map([...written, ...replica.written])).toEqual(found);
    expect(found.size).toBe(2 * count);
    expect(heard).toEqual(from2(revision - 1));
    await replica.hasHeard(revision);
    expect(replica.heard).toEqual(from2(revision - 1));
  });

  test('sessions ended under load: every write is made exactly once', async () => {
    const admin = await Connection.open(clientConfig({ url: undefined, connection: server.connection }));
    const written = new Map<string, number>();
    const load = writeThings(store, 'thing', 1500, (name, revision) => written.set(name, revision));
    let going = true;
    void load.then(
      () => {
        going = false;
      },
      () => {
        going = false;
      },
    );
    let ended = 0;
    for (let reached = 0; going; ) {
      if (written.size < reached + 20) {
        await store.changesAfter(1, 1);
        continue;
      }
      reached = written.size;
      const killed = await admin.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'revisioned store' AND pid <> pg_backend_pid()",
      );
      ended += killed.length;
    }
    await load;
    await admin.close();
    expect(ended).toBeGreaterThan(10);
    expect([...written.values()].sort((a, b) => a - b)).toEqual(from2(1500));
    expect(heard).toEqual(from2(1500));
  });

  test('statements cancelled under load: every write is made exactly once', async () => {
    const admin = await Connection.open(clientConfig({ url: undefined, connection: server.connection }));
    const written = new Map<string, number>();
    let going = true;
    const load = writeThings(store, 'thing', 1500, (name, revision) => written.set(name, revision)).finally(() => {
      going = false;
    });
    const cancel = async (): Promise<number> => {
      const found = await admin.query(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'revisioned store' AND pid <> pg_backend_pid() AND state <> 'idle'",
      );
      return found.length;
    };
    let cancelled = 0;
    // On a single core hardly anything else runs while this asks: what waits for the counter does.
    const holder = new TestSchema(server, schemaOf(directory));
    while (going && cancelled <= 10) {
      await holder.query('BEGIN; SELECT * FROM counter FOR UPDATE');
      for (const before = cancelled; going && cancelled === before; ) cancelled += await cancel();
      await holder.query('COMMIT');
    }
    await holder.close();
    while (going) cancelled += await cancel();
    await load;
    await admin.close();
    expect(cancelled).toBeGreaterThan(10);
    expect([...written.values()].sort((a, b) => a - b)).toEqual(from2(1500));
    expect(heard).toEqual(from2(1500));
  });
});

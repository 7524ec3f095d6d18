import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeObject } from '../encode.ts';
import { StoreUnavailableError } from '../store.ts';
import { putThing, thingKey } from '../store-suite.test-support.ts';
import { checkPostgresUrl } from './client-config.ts';
import { openPostgresStore } from './open.ts';
import { canRunPostgres, PostgresServer } from './postgres-server.test-support.ts';
import { TestSchema } from './test-schema.test-support.ts';

test.each([
  [{}, 'one of the options url and connection is needed'],
  [{ url: 'postgres://h/d', connection: { host: 'h', database: 'd', user: 'u' } }, 'and not both'],
  [{ url: 'postgres://h/d', schema: 'Robert"; DROP' }, 'lower-case letters, digits and underscores'],
  [{ url: 'postgres://h/d', schema: 'pg_mine' }, 'not with "pg_"'],
  [
    { url: 'postgres://h/d', encryption: { key: randomBytes(16), resources: new Set(['secrets']) } },
    '32 bytes, not 16',
  ],
])('refuses options that cannot be meant: %#', async (options, message) => {
  await expect(openPostgresStore(options)).rejects.toThrow(message);
});

test('a URL that is not one is refused without being shown', async () => {
  const error = await openPostgresStore({ url: 'user:s3cret-word@host' }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  expect(inFull(error)).toContain('expected postgres://');
  expect(inFull(error)).not.toContain('s3cret-word');
});

test.each([
  'postgres://user:s3cret-word@db-1:5432,db-2:5432/d?target_session_attrs=read-write',
  'postgresql://db-1,db-2/d',
  'postgres://user@/d?sslmode=verify-full&host=db-1,db-2',
  'postgres://user@/d?host=db-1%2cdb-2',
])('several hosts are refused, not waited for: %s', async (url) => {
  const refused = openPostgresStore({ url });
  await expect(refused).rejects.toThrow(/names several hosts; name one/);
  await expect(refused).rejects.not.toThrow(/s3cret-word|StoreUnavailableError/);
});

test.each(['postgres://a,b:p,w@/d?host=%2Ftmp', 'postgres://u:p,w@h/d,e?options=-c%20search_path%3Da,b'])(
  'commas elsewhere are no several hosts: %s',
  (url) => {
    expect(() => checkPostgresUrl(url)).not.toThrow();
  },
);

/** Everything that a logger could show of an error. */
function inFull(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, stack, cause } = error;
  return [message, stack, JSON.stringify({ ...error }), cause === undefined ? '' : inFull(cause)].join('\n');
}

describe.skipIf(!canRunPostgres())('opening', () => {
  let server: PostgresServer;
  let schema: TestSchema;
  let schemas = 0;

  beforeAll(async () => {
    server = await PostgresServer.create();
  });

  afterAll(async () => {
    await server.destroy();
  });

  beforeEach(() => {
    schema = new TestSchema(server, `open_${++schemas}`);
  });

  afterEach(async () => {
    await schema.close();
  });

  test('by URL', async () => {
    const { host, database, user, password } = server.connection;
    const url = `postgres://${user}:${password}@/${database}?host=${encodeURIComponent(host)}`;
    expect((await (await schema.open({ url })).snapshot()).revision).toBe(1);
  });

  test('a wrong password is refused, and not shown', async () => {
    const connection = { ...server.connection, password: 's3cret-word' };
    const error = await schema.open({ connection }).catch((reason: unknown) => reason);
    expect(inFull(error)).toMatch(/postgres at .* cannot be opened: .*password authentication failed.*check the user/);
    expect(inFull(error)).not.toContain('s3cret-word');
    expect(error).not.toBeInstanceOf(StoreUnavailableError);
  });

  test('a password that is missing is said to be', async () => {
    const { host, database, user } = server.connection;
    await expect(schema.open({ connection: { host, database, user } })).rejects.toThrow(
      /asks for a password, and none was given; check the URL/,
    );
  });

  test('a server that is not there is named', async () => {
    const connection = { ...server.connection, host: '/nowhere' };
    const away = schema.open({ connection });
    await expect(away).rejects.toThrow(/at \/nowhere:5432 cannot be opened.*check that the server/);
    await expect(away).rejects.toThrow(StoreUnavailableError);
  });

  test('a server that does not encrypt is not taken for one that is away', async () => {
    const refused = schema.open({ connection: { ...server.connection, tls: true } });
    await expect(refused).rejects.toThrow(/does not support SSL.*check the URL and the certificates/);
    await expect(refused).rejects.not.toThrow(StoreUnavailableError);
  });

  test('several at once make the tables once', async () => {
    const stores = await Promise.all([schema.open(), schema.open(), schema.open()]);
    for (const store of stores) await store.commit({ operations: [putThing('a', { at: Math.random() })] });
    expect((await stores[0]?.snapshot())?.revision).toBe(4);
  });

  test('a counter that somebody holds for too long is waited for, as a database that is away', async () => {
    await (await schema.open()).close();
    const holder = new TestSchema(server, schema.name);
    await holder.query('BEGIN; SELECT * FROM counter FOR UPDATE');
    const refused = expect(schema.open()).rejects.toMatchObject({
      name: 'StoreUnavailableError',
      message: expect.stringContaining('canceling statement'),
    });
    const giveUp = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'`;
    while ((await schema.query(giveUp)).length === 0);
    await refused;
    await holder.query('COMMIT');
    await holder.close();
    await schema.open();
  });

  test('a schema of another program is refused', async () => {
    await schema.query(`CREATE SCHEMA ${schema.name} CREATE TABLE objects (id int)`);
    await expect(schema.open()).rejects.toThrow('tables of another program');
  });

  test('a schema from a newer version is refused', async () => {
    await (await schema.open()).close();
    await schema.query("INSERT INTO store_migrations (version, name) VALUES (99, 'later')");
    await expect(schema.open()).rejects.toThrow(/newer version of this program \(99, this one knows up to 1\)/);
  });

  test('a server without room for all connections of a process is waited for, and it is said how many they are', async () => {
    await schema.query(
      `CREATE ROLE crowded LOGIN PASSWORD 'crowded' CONNECTION LIMIT 3; GRANT CREATE ON DATABASE postgres TO crowded`,
    );
    const connection = { ...server.connection, user: 'crowded', password: 'crowded' };
    const refused = schema.open({ connection });
    await expect(refused).rejects.toThrow(StoreUnavailableError);
    await expect(refused).rejects.toThrow(/too many connections.*every process needs four connections/);
    await schema.query('ALTER ROLE crowded CONNECTION LIMIT 4');
    await schema.open({ connection });
  });

  test('a user who may not create the schema is told what to do', async () => {
    await schema.query("CREATE ROLE guest LOGIN PASSWORD 'guest'");
    const connection = { ...server.connection, user: 'guest', password: 'guest' };
    await expect(schema.open({ connection })).rejects.toThrow(
      /create the schema "open_\d+" and make that user its owner/,
    );
    await schema.query(`CREATE SCHEMA ${schema.name}`);
    await expect(schema.open({ connection })).rejects.toThrow(
      /permission denied for schema .*make the user the owner of the database, or of the schema in it/,
    );
    await schema.query(`ALTER SCHEMA ${schema.name} OWNER TO guest`);
    expect((await (await schema.open({ connection })).snapshot()).revision).toBe(1);
  });

  test('the password may come from a function', async () => {
    const password = server.connection.password as string;
    const connection = { ...server.connection, password: async () => password };
    expect((await (await schema.open({ connection })).snapshot()).revision).toBe(1);
  });

  describe('encryption', () => {
    const word = 'correct-horse-battery-staple';
    const key = { resource: 'secrets', namespace: 'default', name: 'git' };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'git' }, data: { password: word } };
    const value = encodeObject(secret as never);
    const encryption = { key: randomBytes(32), resources: new Set(['secrets']) };

    test('keeps encrypted values out of the tables, and reads them back', async () => {
      const store = await schema.open({ encryption });
      const put = { type: 'put', key, uid: 'u', value } as const;
      await store.commit({ operations: [put, putThing('plain', { password: 'visible' })] });
      expect((await store.commit({ operations: [put] })).changes).toEqual([]);
      await store.commit({ operations: [{ type: 'merge', key, patch: { type: 'Opaque' } }] });
      const rows = await schema.query('SELECT value FROM objects UNION ALL SELECT value FROM log');
      expect(rows).toHaveLength(5);
      expect(JSON.stringify(rows)).toContain('visible');
      expect(JSON.stringify(rows)).not.toContain(word);
      const again = await schema.open({ encryption });
      expect((await again.objectAt(key, 3))?.value).toBe(value);
      expect((await again.changesAfter(1, 10)).changes[0]?.object.value).toBe(value);
    });

    test('refuses another key, and none', async () => {
      await schema.open({ encryption });
      await expect(schema.open({ encryption: { ...encryption, key: randomBytes(32) } })).rejects.toThrow(
        'is not the one',
      );
      await expect(schema.open()).rejects.toThrow('no encryption key was given');
    });
  });

  test('what cannot be stored fails alone, and its content is in no error', async () => {
    const store = await schema.open();
    const impossible = { type: 'put', key: thingKey('nul\0'), uid: 'u', value: '{"secret":"s3cret-word"}' } as const;
    const [before, failed, after] = await Promise.allSettled([
      store.commit({ operations: [putThing('a')] }),
      store.commit({ operations: [impossible] }),
      store.commit({ operations: [putThing('b')] }),
    ]);
    expect([before.status, failed.status, after.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(inFull(failed.status === 'rejected' && failed.reason)).not.toContain('s3cret-word');
    expect((await store.snapshot()).revision).toBe(3);
  });

  test('a revision that a neighbour of the same group takes may be expected', async () => {
    const store = await schema.open();
    const [first, second] = await Promise.all([
      store.commit({ operations: [putThing('a')] }),
      store.commit({ operations: [putThing('a', { n: 1 }, { expected: 2 })] }),
    ]);
    expect([first.revision, second.revision]).toEqual([2, 3]);
  });

  test('a listener that throws keeps neither the others nor the writer from going on', async () => {
    const errors: unknown[] = [];
    const nothing = () => undefined;
    const logger = { info: nothing, warn: nothing, fatal: nothing, error: (details: unknown) => errors.push(details) };
    const store = await schema.open({ logger: logger as never });
    const heard: number[] = [];
    store.onCommit(() => {
      throw new Error('listener');
    });
    store.onCommit((changes) => heard.push(changes.length));
    await store.commit({ operations: [putThing('a')] });
    expect([heard, errors.length]).toEqual([[1], 1]);
  });

  test('large content goes in and out whole', async () => {
    const store = await schema.open();
    const bytes = randomBytes(5_000_000);
    const digest = `sha256:${randomBytes(32).toString('hex')}`;
    await store.commit({ operations: [putThing('a', {}, { content: digest })], content: [{ digest, bytes }] });
    expect(bytes.equals((await store.content(digest)) ?? new Uint8Array())).toBe(true);
  });
});

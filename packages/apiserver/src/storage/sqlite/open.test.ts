import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { encodeObject } from '../encode.ts';
import { CompactedError, type Store } from '../store.ts';
import { putThing, thingKey } from '../store-suite.test-support.ts';
import { openSqliteStore } from './open.ts';

let directory: string;
const opened: Store[] = [];

async function open(options: Omit<Parameters<typeof openSqliteStore>[0], 'directory'> = {}): Promise<Store> {
  const store = await openSqliteStore({ directory, ...options });
  opened.push(store);
  return store;
}

function alter(sql: string): void {
  const database = new DatabaseSync(join(directory, 'store.db'));
  database.exec(sql);
  database.close();
}

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'store-open-')), 'data');
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
  await rm(join(directory, '..'), { recursive: true, force: true });
});

describe('opening', () => {
  test('creates a directory that only its owner may enter', async () => {
    await open();
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
  });

  test('refuses a database that is open already', async () => {
    await open();
    await expect(open()).rejects.toThrow(/store\.db cannot be opened: it is in use by another process/);
  });

  test('refuses a database from a newer version', async () => {
    await (await open()).close();
    alter('PRAGMA user_version = 99');
    await expect(open()).rejects.toThrow(/newer version of this program \(schema 99, this one knows up to 1\)/);
  });

  test('refuses a database of another program', async () => {
    await (await open()).close();
    alter('PRAGMA application_id = 1');
    await expect(open()).rejects.toThrow('another program');
  });

  test('refuses it also when the thread of the store has ended before it is heard', async () => {
    await (await open()).close();
    alter('PRAGMA application_id = 1');
    process.once('worker', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000));
    await expect(open()).rejects.toThrow('another program');
  });

  test('says when the file is damaged', async () => {
    await (await open()).close();
    await writeFile(
      join(directory, 'store.db'),
      'this is no database, though it is long enough to look at'.repeat(100),
    );
    await expect(open()).rejects.toThrow(/store\.db cannot be opened: it is damaged/);
  });

  test('refuses a key of the wrong length', async () => {
    const encryption = { key: randomBytes(16), resources: new Set(['secrets']) };
    await expect(open({ encryption })).rejects.toThrow('must have 32 bytes, not 16');
  });
});

describe('encryption', () => {
  const password = 'correct-horse-battery-staple';
  const key = { resource: 'secrets', namespace: 'default', name: 'git' };
  const value = encodeObject({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'git' },
    data: { password },
  } as never);
  const encryption = { key: randomBytes(32), resources: new Set(['secrets']) };

  test('keeps encrypted values out of every file, and reads them back', async () => {
    const store = await open({ encryption });
    await store.commit({
      operations: [{ type: 'put', key, uid: 'u', value }, putThing('plain', { password: 'visible' })],
    });
    const same = await store.commit({ operations: [{ type: 'put', key, uid: 'u', value }] });
    expect(same.changes).toEqual([]);
    await store.commit({ operations: [{ type: 'merge', key, patch: { type: 'Opaque' } }] });
    const files = async () => {
      const names = await readdir(directory);
      return Buffer.concat(await Promise.all(names.map((name) => readFile(join(directory, name)))));
    };
    const whileOpen = await files();
    expect([whileOpen.includes(password), whileOpen.includes('visible')]).toEqual([false, true]);
    await store.close();
    const closed = await files();
    expect([closed.includes(password), closed.includes('visible')]).toEqual([false, true]);
    const again = await open({ encryption });
    expect((await again.objectAt(key, 3))?.value).toBe(value);
    expect((await again.changesAfter(1, 10)).changes[0]?.object.value).toBe(value);
  });

  test('refuses another key, and none', async () => {
    const store = await open({ encryption });
    await store.commit({ operations: [{ type: 'put', key, uid: 'u', value }] });
    await store.close();
    await expect(open({ encryption: { ...encryption, key: randomBytes(32) } })).rejects.toThrow('is not the one');
    await expect(open()).rejects.toThrow('no encryption key was given');
  });

  test('a sealed value moved to another object does not open', async () => {
    const store = await open({ encryption });
    await store.commit({ operations: [{ type: 'put', key, uid: 'u', value }] });
    await store.close();
    alter("UPDATE objects SET name = 'other'");
    const again = await open({ encryption });
    await expect(again.snapshot()).rejects.toThrow(/secrets default\/other cannot be decrypted/);
  });
});

test('a listener that throws keeps neither the others nor the writer from going on', async () => {
  const errors: unknown[] = [];
  const logger = { info: () => undefined, fatal: () => undefined, error: (details: unknown) => errors.push(details) };
  const store = await open({ logger: logger as never });
  const heard: number[] = [];
  store.onCommit(() => {
    throw new Error('listener');
  });
  store.onCommit((changes) => heard.push(changes.length));
  await store.commit({ operations: [putThing('a')] });
  expect([heard, errors.length]).toEqual([[1], 1]);
});

test('what retention forgets is told, and is then asked for in vain', async () => {
  const removed: number[] = [];
  const store = await open({
    retention: { maxAgeMs: 3_600_000, maxEntries: 2, everyMs: 5 },
    onCompacted: ({ entries }) => removed.push(entries),
  });
  for (const name of ['a', 'b', 'c', 'd', 'e']) await store.commit({ operations: [putThing(name)] });
  await vi.waitFor(() => expect(removed.reduce((sum, entries) => sum + entries, 0)).toBeGreaterThan(0), {
    timeout: 60_000,
  });
  await expect(store.changesAfter(1, 10)).rejects.toThrow(CompactedError);
});

test('a write set that cannot be sent fails alone, and the store goes on', async () => {
  const store = await open();
  const unsendable = { type: 'merge', key: thingKey('a'), patch: { call: () => undefined } } as const;
  await expect(store.commit({ operations: [unsendable] })).rejects.toThrow('not sent to the store');
  expect((await store.commit({ operations: [putThing('a')] })).revision).toBe(2);
});

/** Overwrites the first page of a table. */
async function damage(table: string): Promise<void> {
  const path = join(directory, 'store.db');
  const database = new DatabaseSync(path);
  const page = Number(database.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(table)?.['rootpage']);
  database.close();
  const file = await readFile(path);
  await writeFile(path, file.fill(0xff, (page - 1) * 4096, page * 4096));
}

test('damage that opening meets is said with the file and what to do', async () => {
  await (await open()).close();
  await damage('meta');
  await expect(open()).rejects.toThrow(/store\.db cannot be opened: it is damaged.*restore it from a backup/);
});

test('damage met later is told once, and ends what is under way', async () => {
  await (await open()).close();
  await damage('objects');
  const failures: string[] = [];
  const store = await open({ onFatal: (error) => failures.push(error.message) });
  const attempts = await Promise.allSettled([store.snapshot(), store.commit({ operations: [putThing('a')] })]);
  expect(attempts.map((attempt) => attempt.status)).toEqual(['rejected', 'rejected']);
  expect(failures).toEqual([expect.stringMatching(/store\.db has failed: the database is damaged; restore it/)]);
  await expect(store.snapshot()).rejects.toThrow('the store has failed');
});

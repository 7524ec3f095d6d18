import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jumpDistance } from '../jump-distance.ts';
import { CompactedError, type Store } from '../store.ts';
import { putThing, thingKey } from '../store-suite.test-support.ts';
import { openSqliteStore } from './open.ts';
import { MissingKeyError, restoreSqliteStore } from './restore.ts';

let root: string;
const opened: Store[] = [];

async function open(name: string): Promise<Store> {
  const store = await openSqliteStore({ directory: join(root, name) });
  opened.push(store);
  return store;
}

function backUp(store: Store, name: string): Promise<void> {
  return store.backup?.(join(root, name)) ?? expect.fail('the store makes no backups');
}

async function names(store: Store): Promise<readonly string[]> {
  return (await store.snapshot()).objects.map(({ key }) => key.name).sort();
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'store-restore-'));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
  await rm(root, { recursive: true, force: true });
});

describe('a backup', () => {
  it('has what was committed before, and leaves the store as it is', async () => {
    const store = await open('store');
    await store.commit({ operations: [putThing('a'), putThing('b')] });
    await backUp(store, 'backup.db');
    await store.commit({ operations: [putThing('c')] });
    await restoreSqliteStore(join(root, 'backup.db'), join(root, 'restored'));
    expect(await names(await open('restored'))).toEqual(['a', 'b']);
    expect(await names(store)).toEqual(['a', 'b', 'c']);
    expect((await stat(join(root, 'backup.db'))).mode & 0o777).toBe(0o600);
  });

  it('is of one moment, while write sets go on', async () => {
    const store = await open('store');
    const filler = 'x'.repeat(20_000);
    for (let n = 0; n < 200; n++) await store.commit({ operations: [putThing(`filler-${n}`, { filler })] });
    let copied = false;
    const copying = backUp(store, 'backup.db').finally(() => {
      copied = true;
    });
    let pairs = 0;
    while (!copied || pairs === 0) {
      await store.commit({
        operations: [putThing(`left-${pairs}`, { filler }), putThing(`right-${pairs}`, { filler })],
      });
      pairs += 1;
    }
    await copying;
    await restoreSqliteStore(join(root, 'backup.db'), join(root, 'restored'));
    const restored = await names(await open('restored'));
    const numbers = (side: string) =>
      restored.flatMap((name) => (name.startsWith(side) ? [Number(name.slice(side.length))] : []));
    expect(numbers('left-')).toEqual(numbers('right-'));
    expect(restored.filter((name) => name.startsWith('filler-'))).toHaveLength(200);
  });

  it('is finished before the store is closed', async () => {
    const store = await open('store');
    await store.commit({ operations: [putThing('a')] });
    const copying = backUp(store, 'backup.db');
    await store.close();
    await copying;
    await restoreSqliteStore(join(root, 'backup.db'), join(root, 'restored'));
    expect(await names(await open('restored'))).toEqual(['a']);
  });

  it('never overwrites, and leaves nothing where it cannot be written', async () => {
    const store = await open('store');
    await writeFile(join(root, 'there'), 'something else');
    await expect(backUp(store, 'there')).rejects.toThrow('EEXIST');
    await expect(backUp(store, 'no/such/directory')).rejects.toThrow('ENOENT');
    expect((await readdir(root)).sort()).toEqual(['store', 'there']);
    await store.commit({ operations: [putThing('a')] });
  });
});

describe('a restored store', () => {
  it('goes on with revisions that nobody has seen, and forgets its log', async () => {
    const store = await open('store');
    const { revision } = await store.commit({ operations: [putThing('a')] });
    await backUp(store, 'backup.db');
    const { revision: after } = await restoreSqliteStore(join(root, 'backup.db'), join(root, 'restored'));
    expect(after).toBeGreaterThanOrEqual(revision + jumpDistance);
    const restored = await open('restored');
    await expect(restored.changesAfter(revision, 10)).rejects.toThrow(CompactedError);
    const { changes } = await restored.commit({ operations: [putThing('a', { changed: true })] });
    expect(changes.map((change) => [change.revision, change.previousRevision])).toEqual([[after + 1, revision]]);
    expect((await restored.objectAt(thingKey('a'), after + 1))?.revision).toBe(after + 1);
  });

  it('gives out nothing that an earlier one from the same backup has given out', async () => {
    const store = await open('store');
    await store.commit({ operations: [putThing('a')] });
    await backUp(store, 'backup.db');
    await restoreSqliteStore(join(root, 'backup.db'), join(root, 'earlier'));
    const earlier = await (await open('earlier')).commit({ operations: [putThing('b')] });
    await restoreSqliteStore(join(root, 'backup.db'), join(root, 'later'));
    const later = await (await open('later')).commit({ operations: [putThing('c')] });
    expect(later.revision).toBeGreaterThan(earlier.revision);
  });

  it('does not take the place of another', async () => {
    const store = await open('store');
    await backUp(store, 'backup.db');
    await store.close();
    await expect(restoreSqliteStore(join(root, 'backup.db'), join(root, 'store'))).rejects.toThrow('EEXIST');
  });

  it('is not made from anything but a backup', async () => {
    await mkdir(join(root, 'restored'));
    await writeFile(join(root, 'text'), 'no database');
    await expect(restoreSqliteStore(join(root, 'text'), join(root, 'restored'))).rejects.toThrow('damaged');
    await writeFile(join(root, 'nothing'), '');
    await expect(restoreSqliteStore(join(root, 'nothing'), join(root, 'restored'))).rejects.toThrow('is empty');
    const store = await open('store');
    for (let n = 0; n < 200; n++) await store.commit({ operations: [putThing(`t-${n}`)] });
    await backUp(store, 'backup.db');
    const bytes = await readFile(join(root, 'backup.db'));
    await writeFile(join(root, 'half'), bytes.fill(0xff, 8192, bytes.length - 4096));
    await expect(restoreSqliteStore(join(root, 'half'), join(root, 'restored'))).rejects.toThrow('damaged');
    expect(await readdir(join(root, 'restored'))).toEqual([]);
  });
});

describe('a backup with encrypted objects', () => {
  const key = Buffer.alloc(32, 1);
  const other = Buffer.alloc(32, 2);
  const target = () => join(root, 'restored');
  const openWith = async (directory: string, opening: Buffer) => {
    const encryption = { key: opening, resources: new Set([thingKey('a').resource]) };
    const store = await openSqliteStore({ directory, encryption });
    opened.push(store);
    return store;
  };

  it.each([
    ['no key', {}],
    ['another key', { key: other }],
  ])('is refused with %s, and says how many they are', async (_, options) => {
    const store = await openWith(join(root, 'store'), key);
    await store.commit({ operations: [putThing('a'), putThing('b')] });
    await backUp(store, 'backup.db');
    const refused = restoreSqliteStore(join(root, 'backup.db'), target(), options);
    await expect(refused).rejects.toThrow(MissingKeyError);
    await expect(refused).rejects.toMatchObject({ objects: 2 });
    expect(await readdir(target())).toEqual([]);
    const restored = await restoreSqliteStore(join(root, 'backup.db'), target(), { key });
    expect(restored).toMatchObject({ objects: 2, encrypted: 2, leftOut: 0 });
    expect(await names(await openWith(target(), key))).toEqual(['a', 'b']);
  });

  it('is restored without them where that is wanted, for any key', async () => {
    const store = await openWith(join(root, 'store'), key);
    const plain = { ...putThing('plain'), key: { ...thingKey('plain'), resource: 'plain' } };
    await store.commit({ operations: [putThing('a'), plain] });
    await backUp(store, 'backup.db');
    const restored = await restoreSqliteStore(join(root, 'backup.db'), target(), { withoutEncrypted: true });
    expect(restored).toMatchObject({ objects: 1, encrypted: 0, leftOut: 1 });
    expect(await names(await openWith(target(), other))).toEqual(['plain']);
  });

  it('needs no key where none is encrypted', async () => {
    const store = await openWith(join(root, 'store'), key);
    await backUp(store, 'backup.db');
    await restoreSqliteStore(join(root, 'backup.db'), target());
    await openWith(target(), other);
  });
});

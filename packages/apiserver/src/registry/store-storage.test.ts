import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseLabelSelector } from '../meta/label-selector.ts';
import type { KubernetesObject, ObjectMeta } from '../meta/object.ts';
import { statusErrors } from '../meta/status.ts';
import { pieceMs } from '../meta/turns.ts';
import { createWatchCache } from '../storage/create-watch-cache.ts';
import type { ServedObject } from '../storage/served-object.ts';
import { openSqliteStore } from '../storage/sqlite/open.ts';
import type { Change, Store } from '../storage/store.ts';
import type { WatchCache } from '../storage/watch-cache-api.ts';
import type { DeleteOptions, RequestContext, UpdateFunction } from './resource.ts';
import { createStoreStorage, type StoreStorageOptions } from './store-storage.ts';

interface Thing extends KubernetesObject {
  spec?: { n: number };
  status?: { seen: number };
}

const write = { dryRun: false, fieldManager: 'test' };
const dryRun = { ...write, dryRun: true };

let directory: string;
let store: Store;
let cache: WatchCache;
let context: RequestContext;
let events: string[];
let committed: Change[];
let clock: Date;

function storage(options: Partial<StoreStorageOptions<Thing>> = {}) {
  return createStoreStorage<Thing>({
    store,
    cache,
    resource: { group: 'example.com', plural: 'things', kind: 'Thing', namespaced: true, hasGeneration: true },
    now: () => clock,
    afterCommit: (_, change) => void committed.push(change),
    ...options,
  });
}

function thing(metadata: ObjectMeta, n = 0): Thing {
  return { apiVersion: 'example.com/v1', kind: 'Thing', metadata, spec: { n } };
}

/** As a patch does it: from what is there, whatever that is. */
function set(n: number): UpdateFunction<Thing> {
  return (current) => ({ ...(current as Thing), spec: { n } });
}

/** As a PUT does it. */
function replace(metadata: ObjectMeta, n: number): UpdateFunction<Thing> {
  return () => thing(metadata, n);
}

const create = async (name: string, metadata: ObjectMeta = {}) =>
  (await storage().create(context, thing({ ...metadata, name }), write)).object.decode<Thing>();

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'store-storage-'));
  store = await openSqliteStore({ directory });
  cache = await createWatchCache({ store, definitions: new Map([['things.example.com', {}]]) });
  events = [];
  committed = [];
  clock = new Date('2026-01-02T03:04:05.678Z');
  cache.watch('things.example.com', cache.revision, (event) =>
    events.push(`${event.type} ${event.object.key.name} ${event.revision}`),
  );
  context = {
    user: { name: 'test', groups: [] },
    namespace: 'default',
    signal: new AbortController().signal,
    auditId: '',
    userAgent: 'test',
    warn: () => undefined,
    authorize: () => Promise.resolve(true),
  };
});

afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

describe('create', () => {
  test('gives the object what only the server sets', async () => {
    const { object, created } = await storage().create(
      context,
      thing({ name: 'a', namespace: 'default', labels: { x: 'y' }, generation: 7, selfLink: '/' }, 3),
      write,
    );
    const { metadata, spec } = object.decode<Thing>();
    expect(metadata).toEqual({
      name: 'a',
      namespace: 'default',
      labels: { x: 'y' },
      uid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4/),
      creationTimestamp: '2026-01-02T03:04:05Z',
      generation: 1,
      resourceVersion: '2',
    });
    expect([spec, created, object.uid]).toEqual([{ n: 3 }, true, metadata.uid]);
    expect(storage().get(context, 'a')).toBe(object);
    expect(committed).toHaveLength(1);
  });

  test('generates names', async () => {
    const names = new Set<string>();
    for (let n = 0; n < 20; n++) {
      const { object } = await storage().create(context, thing({ generateName: 'thing-' }), write);
      expect(object.key.name).toMatch(/^thing-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
      names.add(object.key.name);
    }
    expect(names.size).toBe(20);
    const long = await storage().create(context, thing({ generateName: 'x'.repeat(70) }), write);
    expect(long.object.key.name).toHaveLength(63);
  });

  test('refuses a taken name, no name, and a resourceVersion', async () => {
    await create('a');
    await expect(storage().create(context, thing({ name: 'a' }), write)).rejects.toMatchObject({
      status: { code: 409, reason: 'AlreadyExists', message: 'things.example.com "a" already exists' },
    });
    await expect(storage().create(context, thing({}), write)).rejects.toMatchObject({
      status: { code: 422, details: { causes: [{ field: 'metadata.name' }] } },
    });
    await expect(storage().create(context, thing({ name: 'b', resourceVersion: '1' }), write)).rejects.toMatchObject({
      status: { code: 400 },
    });
  });

  test('makes up another name when somebody else takes the one it made up', async () => {
    /** As if somebody had made an object of each of the first `rivals` names in the moment before. */
    const raced = (rivals: number) => {
      let left = rivals;
      const commit: Store['commit'] = async (set, options) => {
        if (left-- > 0) await store.commit(set);
        return await store.commit(set, options);
      };
      return storage({
        store: new Proxy(store, { get: (all, key) => (key === 'commit' ? commit : Reflect.get(all, key)) }),
      });
    };
    const { object } = await raced(3).create(context, thing({ generateName: 'thing-' }), write);
    expect([object.revision, cache.list('things.example.com').items.length]).toEqual([5, 4]);
    await expect(
      raced(Number.POSITIVE_INFINITY).create(context, thing({ generateName: 'thing-' }), write),
    ).rejects.toMatchObject({
      status: {
        code: 409,
        reason: 'AlreadyExists',
        message: expect.stringContaining('the server was not able to generate a unique name for the object'),
        details: { group: 'example.com', kind: 'things', retryAfterSeconds: 1 },
      },
    });
  });

  test('a dry run shows the object and leaves nothing', async () => {
    const { object } = await storage().create(context, thing({ name: 'a' }), dryRun);
    expect(object.decode().metadata).toMatchObject({ name: 'a', generation: 1 });
    expect(object.decode().metadata.resourceVersion).toBeUndefined();
    expect(() => storage().get(context, 'a')).toThrow('not found');
    expect([events, committed]).toEqual([[], []]);
    await create('a');
    await expect(storage().create(context, thing({ name: 'a' }), dryRun)).rejects.toMatchObject({
      status: { code: 409 },
    });
  });
});

describe('update', () => {
  test('lets others have their turn before it goes on after a long update', async () => {
    await create('a');
    let turn = false;
    let atCommit: boolean | undefined;
    const asked: Store = Object.assign(Object.create(store), {
      commit: (...args: Parameters<Store['commit']>) => {
        atCommit = turn;
        return store.commit(...args);
      },
    });
    const long: UpdateFunction<Thing> = (current) => {
      setImmediate(() => {
        turn = true;
      });
      const end = performance.now() + pieceMs + 1;
      while (performance.now() < end);
      return set(2)(current);
    };
    await storage({ store: asked }).update(context, 'a', long, write);
    expect(atCommit).toBe(true);
  });

  test('carries over what clients cannot change, and counts generations', async () => {
    const first = await create('a');
    const spec = await storage().update(
      context,
      'a',
      replace({ name: 'a', resourceVersion: '2', generation: 9 }, 1),
      write,
    );
    expect(spec.object.decode().metadata).toEqual({ ...first.metadata, generation: 2, resourceVersion: '3' });
    const label = await storage().update(
      context,
      'a',
      (current) => ({
        ...(current as Thing),
        metadata: { ...current?.metadata, labels: { a: 'b' } },
        status: { seen: 1 },
      }),
      write,
    );
    expect(label.object.decode<Thing>()).toMatchObject({
      metadata: { generation: 2, labels: { a: 'b' } },
      status: { seen: 1 },
    });
    expect(events).toEqual(['ADDED a 2', 'MODIFIED a 3', 'MODIFIED a 4']);
  });

  test('of a stale resourceVersion or another uid is a conflict', async () => {
    const { metadata } = await create('a');
    await storage().update(context, 'a', set(1), write);
    await expect(storage().update(context, 'a', replace(metadata, 2), write)).rejects.toMatchObject({
      status: {
        code: 409,
        reason: 'Conflict',
        message:
          'Operation cannot be fulfilled on things.example.com "a": the object has been modified; please apply your changes to the latest version and try again',
      },
    });
    await expect(storage().update(context, 'a', replace({ name: 'a', uid: 'other' }, 2), write)).rejects.toMatchObject({
      status: { code: 409, message: expect.stringContaining('UID in precondition: other') },
    });
    await expect(storage().update(context, 'b', set(1), write)).rejects.toMatchObject({ status: { code: 404 } });
  });

  test('that changes nothing writes nothing', async () => {
    await create('a', { managedFields: [{ manager: 'm', time: '2026-01-01T00:00:00Z' }] });
    const { object } = await storage().update(
      context,
      'a',
      (current) => ({
        ...(current as Thing),
        metadata: { ...current?.metadata, managedFields: [{ manager: 'm', time: '2026-02-02T00:00:00Z' }] },
      }),
      write,
    );
    expect([object.revision, cache.revision, events.length]).toEqual([2, 2, 1]);
  });

  test('by patch is repeated when someone else was faster: no update is lost', async () => {
    await create('a');
    const increment: UpdateFunction<Thing> = (current) => set((current?.spec?.n ?? 0) + 1)(current);
    await Promise.all(Array.from({ length: 20 }, () => storage().update(context, 'a', increment, write)));
    expect(storage().get(context, 'a')).toMatchObject({ revision: 22 });
    expect((await storage().get(context, 'a')).decode<Thing>().spec).toEqual({ n: 20 });
  });

  test('by PUT of one resourceVersion: one of many wins, the others are told', async () => {
    const { metadata } = await create('a');
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, n) => storage().update(context, 'a', replace(metadata, n + 1), write)),
    );
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ status: { code: 409 } });
  });

  test('a dry run shows the result with the revision there is', async () => {
    await create('a');
    const { object } = await storage().update(context, 'a', set(5), dryRun);
    expect(object.decode<Thing>()).toMatchObject({ spec: { n: 5 }, metadata: { resourceVersion: '2', generation: 2 } });
    expect([cache.revision, events.length]).toEqual([2, 1]);
  });

  test('creates what is missing only where the storage says so', async () => {
    const make: UpdateFunction<Thing> = (current) => current ?? thing({ name: 'new' });
    await expect(storage().update(context, 'new', make, write)).rejects.toMatchObject({ status: { code: 404 } });
    const { object, created } = await storage({ createOnUpdate: true }).update(context, 'new', make, write);
    expect([object.key.name, created]).toEqual(['new', true]);
  });

  test('of what somebody else creates meanwhile goes on with that', async () => {
    const raced: UpdateFunction<Thing> = async (current) => {
      if (current === undefined) await create('new', { labels: { by: 'another' } });
      return current === undefined ? thing({ name: 'new' }, 1) : set(2)(current);
    };
    const { object, created } = await storage({ createOnUpdate: true }).update(context, 'new', raced, write);
    expect(created).toBe(false);
    expect(object.decode<Thing>()).toMatchObject({ metadata: { labels: { by: 'another' } }, spec: { n: 2 } });
  });

  test('stops when the request has ended', async () => {
    await create('a');
    const gone = { ...context, signal: AbortSignal.abort(new Error('client gone')) };
    await expect(storage().update(gone, 'a', set(1), write)).rejects.toThrow('client gone');
    await expect(storage().create(gone, thing({ name: 'b' }), write)).rejects.toThrow('client gone');
    expect(cache.revision).toBe(2);
  });
});

describe('delete', () => {
  test('removes, and answers with the last state', async () => {
    const { metadata } = await create('a');
    const { object, pending } = await storage().delete(context, 'a', write);
    expect([object.decode().metadata, pending]).toEqual([{ ...metadata, resourceVersion: '3' }, false]);
    expect(() => storage().get(context, 'a')).toThrow('not found');
    await expect(storage().delete(context, 'a', write)).rejects.toMatchObject({ status: { code: 404 } });
    expect(events).toEqual(['ADDED a 2', 'DELETED a 3']);
  });

  test('waits for finalizers; the last one that goes takes the object with it', async () => {
    await create('a', { finalizers: ['example.com/one', 'example.com/two'] });
    const first = await storage().delete(context, 'a', write);
    expect(first.pending).toBe(true);
    expect(first.object.decode().metadata).toMatchObject({
      deletionTimestamp: '2026-01-02T03:04:05Z',
      deletionGracePeriodSeconds: 0,
      generation: 2,
    });
    clock = new Date('2026-01-02T04:00:00Z');
    const again = await storage().delete(context, 'a', write);
    expect([again.pending, again.object.revision]).toEqual([true, first.object.revision]);
    const finalizers =
      (left: string[] | undefined): UpdateFunction<Thing> =>
      (current) => {
        const { finalizers: _, deletionTimestamp: __, ...metadata } = current?.metadata ?? {};
        return {
          ...(current as Thing),
          metadata: { ...metadata, ...(left === undefined ? {} : { finalizers: left }) },
        };
      };
    const one = await storage().update(context, 'a', finalizers(['example.com/one']), write);
    expect(one.object.decode().metadata.deletionTimestamp).toBe('2026-01-02T03:04:05Z');
    const dry = await storage().update(context, 'a', finalizers(undefined), dryRun);
    const shown = dry.object.decode().metadata;
    expect([shown.finalizers, shown.resourceVersion]).toEqual([undefined, '4']);
    expect(cache.revision).toBe(4);
    const last = await storage().update(context, 'a', finalizers(undefined), write);
    expect(last.object.decode().metadata).toMatchObject({ name: 'a', resourceVersion: '5' });
    expect(() => storage().get(context, 'a')).toThrow('not found');
    expect(events).toEqual(['ADDED a 2', 'MODIFIED a 3', 'MODIFIED a 4', 'DELETED a 5']);
  });

  test.each<[string, Partial<DeleteOptions>, number]>([
    ['another uid', { preconditions: { uid: 'other' } }, 409],
    ['a stale resourceVersion', { preconditions: { resourceVersion: '1' } }, 409],
    ['a policy that needs a garbage collector', { propagationPolicy: 'Orphan' }, 400],
  ])('refuses %s', async (_, options, code) => {
    await create('a');
    await expect(storage().delete(context, 'a', { ...write, ...options })).rejects.toMatchObject({ status: { code } });
    expect(cache.revision).toBe(2);
  });

  test('asks for what only a garbage collector does where there is one', async () => {
    await create('a', { finalizers: ['example.com/one'] });
    const collected = storage({ garbageCollected: true });
    const orphaned = await collected.delete(context, 'a', { ...write, propagationPolicy: 'Orphan' });
    expect(orphaned.pending).toBe(true);
    expect(orphaned.object.decode().metadata).toMatchObject({
      finalizers: ['example.com/one', 'orphan'],
      deletionTimestamp: '2026-01-02T03:04:05Z',
      generation: 2,
    });
    const again = await collected.delete(context, 'a', { ...write, propagationPolicy: 'Foreground' });
    expect(again.object.decode().metadata).toMatchObject({
      finalizers: ['example.com/one', 'foregroundDeletion'],
      generation: 2,
    });
    const same = await collected.delete(context, 'a', write);
    expect([same.object.revision, cache.revision]).toEqual([again.object.revision, again.object.revision]);
    const orphanedNow = await collected.delete(context, 'a', { ...write, propagationPolicy: 'Orphan' });
    expect(orphanedNow.object.decode().metadata.finalizers).toEqual(['example.com/one', 'orphan']);
    const alone = await collected.delete(context, 'a', { ...write, propagationPolicy: 'Background' });
    expect(alone.object.decode().metadata).toMatchObject({ finalizers: ['example.com/one'], generation: 2 });
  });

  test('of a collection heeds preconditions', async () => {
    await create('a');
    const options = { ...write, preconditions: { uid: 'other' } };
    const list = { limit: 0, namespace: 'default' };
    await expect(storage().deleteCollection(context, list, options)).rejects.toMatchObject({ status: { code: 409 } });
    expect(cache.list('things.example.com').items).toHaveLength(1);
  });

  test('a dry run deletes nothing, and still checks', async () => {
    await create('a');
    const refuse = storage({
      beforeDelete: (_, object) => {
        throw statusErrors.conflict(
          { group: 'example.com', resource: 'things' },
          object.metadata.name ?? '',
          'not now',
        );
      },
    });
    await expect(refuse.delete(context, 'a', dryRun)).rejects.toThrow('not now');
    await expect(refuse.delete(context, 'a', write)).rejects.toThrow('not now');
    const { object } = await storage().delete(context, 'a', dryRun);
    expect(object.decode().metadata.resourceVersion).toBe('2');
    expect([cache.revision, events.length]).toEqual([2, 1]);
  });

  test('of a collection deletes what is selected, one by one', async () => {
    for (let n = 0; n < 140; n++) await create(`t${n}`, { labels: { odd: String(n % 2) } });
    const options = { limit: 0, namespace: 'default', labels: parseLabelSelector('odd=1') };
    const result = await storage().deleteCollection(context, options, write);
    expect((result.items as readonly unknown[]).length).toBe(70);
    expect(cache.list('things.example.com').items).toHaveLength(70);
  });

  test('of a collection is content with what somebody else deletes meanwhile, and does not say that it did', async () => {
    for (let n = 0; n < 10; n++) await create(`t${n}`);
    const all = () => storage().deleteCollection(context, { limit: 0, namespace: 'default' }, write);
    const results = await Promise.all([all(), all()]);
    const names = results.flatMap(({ items }) => (items as readonly ServedObject[]).map(({ key }) => key.name));
    expect(names.sort()).toEqual(Array.from({ length: 10 }, (_, n) => `t${n}`));
  });
});

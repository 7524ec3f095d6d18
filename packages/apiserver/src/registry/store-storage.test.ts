import { describe, expect, test } from 'vitest';
import { pieceMs } from '../meta/turns.ts';
import type { Store } from '../storage/store.ts';
import type { UpdateFunction } from './resource.ts';
import {
  cache,
  committed,
  context,
  create,
  dryRun,
  events,
  replace,
  set,
  storage,
  store,
  type Thing,
  thing,
  withStoreOfThings,
  write,
} from './store-of-things.test-support.ts';

withStoreOfThings();

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

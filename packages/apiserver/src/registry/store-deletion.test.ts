import { describe, expect, test } from 'vitest';
import { parseLabelSelector } from '../meta/label-selector.ts';
import { statusErrors } from '../meta/status.ts';
import type { ServedObject } from '../storage/served-object.ts';
import type { DeleteOptions, UpdateFunction } from './resource.ts';
import {
  cache,
  context,
  create,
  dryRun,
  events,
  setClock,
  storage,
  type Thing,
  withStoreOfThings,
  write,
} from './store-of-things.test-support.ts';

withStoreOfThings();

describe('delete', () => {
  test('removes, and answers with the last state', async () => {
    const { metadata } = await create('a');
    const { object, pending } = await storage().delete(context, 'a', write);
    expect([object.decode().metadata, pending]).toEqual([{ ...metadata, resourceVersion: '3' }, false]);
    expect(() => storage().get(context, 'a')).toThrow('not found');
    await expect(storage().delete(context, 'a', write)).rejects.toMatchObject({ status: { code: 404 } });
    expect(events).toEqual(['ADDED a 2', 'DELETED a 3']);
  });

  test('lets an object that waits say so at once, in the same change', async () => {
    const things = storage({ deleting: (object) => ({ ...object, status: { seen: 7 } }) });
    await create('a', { finalizers: ['example.com/one'] });
    const { object } = await things.delete(context, 'a', write);
    expect(object.decode()).toMatchObject({ status: { seen: 7 }, metadata: { deletionTimestamp: expect.anything() } });
    expect(events).toEqual(['ADDED a 2', 'MODIFIED a 3']);
    await create('b');
    expect((await things.delete(context, 'b', write)).object.decode()).not.toHaveProperty('status');
  });

  test('keeps the name until the object is gone, and says so to whoever wants it', async () => {
    await create('a', { finalizers: ['example.com/one'] });
    await expect(create('a')).rejects.toMatchObject({
      message: expect.stringMatching(/^things\S* "a" already exists$/),
    });
    await storage().delete(context, 'a', write);
    await expect(create('a')).rejects.toMatchObject({
      status: {
        code: 409,
        reason: 'AlreadyExists',
        message: expect.stringMatching(/^object is being deleted: things/),
      },
    });
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
    setClock(new Date('2026-01-02T04:00:00Z'));
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

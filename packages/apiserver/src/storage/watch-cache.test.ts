import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseFieldSelector } from '../meta/field-selector.ts';
import { parseLabelSelector } from '../meta/label-selector.ts';
import { createWatchCache, type WatchCacheOptions } from './create-watch-cache.ts';
import { encodeObject } from './encode.ts';
import type { ExtractionRules } from './extraction.ts';
import type { ServedEvent } from './served-object.ts';
import { openSqliteStore } from './sqlite/open.ts';
import type { ObjectKey, Store, WriteOperation } from './store.ts';
import type { ListQuery, WatchCache } from './watch-cache-api.ts';

const things = 'things.example.com';
const rules: ExtractionRules = {
  selectableFields: { of: (object) => ({ 'spec.size': String((object as { spec?: { size?: number } }).spec?.size) }) },
};
const definitions = new Map([[things, rules]]);

let directory: string;
let store: Store;
let cache: WatchCache;

function key(place: string, resource = things): ObjectKey {
  const [namespace = '', name = ''] = place.split('/');
  return { resource, namespace, name };
}

function put(place: string, size = 0, labels: Record<string, string> = {}, resource = things): WriteOperation {
  const { namespace, name } = key(place);
  const object = { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { namespace, name, labels }, spec: { size } };
  return { type: 'put', key: key(place, resource), uid: `uid-${place}`, value: encodeObject(object) };
}

function remove(place: string): WriteOperation {
  return { type: 'delete', key: key(place) };
}

function commit(...operations: WriteOperation[]) {
  return store.commit({ operations });
}

function places(query: ListQuery = {}, at?: number): string[] {
  const page = at === undefined ? cache.list(things, query) : cache.listAt(things, at, query);
  return page.items.map((item) => `${item.key.namespace}/${item.key.name}`);
}

function show(event: ServedEvent): string {
  const size = (object: ServedEvent['previous']) => (object?.decode() as { spec?: { size: number } })?.spec?.size;
  return `${event.revision} ${event.type} ${event.object.key.name} ${size(event.previous)}>${size(event.object)}`;
}

async function newCache(options: Partial<WatchCacheOptions> = {}): Promise<WatchCache> {
  return createWatchCache({ store, definitions, ...options });
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'watch-cache-'));
  store = await openSqliteStore({ directory });
  cache = await newCache();
});

afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

describe('lists', () => {
  beforeEach(async () => {
    await commit(put('b/one', 1), put('a/two', 2, { tier: 'x' }), put('a-b/three', 3), put('a/one', 1, { tier: 'y' }));
  });

  test('are in order of namespace and name', () => {
    expect(places()).toEqual(['a/one', 'a/two', 'a-b/three', 'b/one']);
    expect(cache.list(things)).toMatchObject({ revision: 5, more: false });
    expect(cache.list('others.example.com')).toEqual({ revision: 5, items: [], more: false, remaining: 0 });
  });

  test.each<[string, ListQuery, string[]]>([
    ['namespace', { namespace: 'a' }, ['a/one', 'a/two']],
    ['missing namespace', { namespace: 'aa' }, []],
    ['labels', { labels: parseLabelSelector('tier') }, ['a/one', 'a/two']],
    ['fields', { fields: parseFieldSelector('spec.size=1') }, ['a/one', 'b/one']],
    ['not equal', { fields: parseFieldSelector('metadata.name!=one') }, ['a/two', 'a-b/three']],
    ['name', { fields: parseFieldSelector('metadata.name=one') }, ['a/one', 'b/one']],
    ['name and namespace', { fields: parseFieldSelector('metadata.name=one,metadata.namespace=b') }, ['b/one']],
    ['name in a namespace', { namespace: 'a', fields: parseFieldSelector('metadata.name=two') }, ['a/two']],
    ['contradiction', { namespace: 'a', fields: parseFieldSelector('metadata.namespace=b') }, []],
    ['all together', { namespace: 'a', fields: parseFieldSelector('metadata.name=one,spec.size=2') }, []],
    ['after', { after: { namespace: 'a', name: 'one' } }, ['a/two', 'a-b/three', 'b/one']],
    ['after what is gone', { after: { namespace: 'a', name: 'p' } }, ['a/two', 'a-b/three', 'b/one']],
    ['after the end of a namespace', { namespace: 'a', after: { namespace: 'a', name: 'two' } }, []],
  ])('by %s', (_, query, expected) => {
    expect(places(query)).toEqual(expected);
  });

  test('are limited, and say what is left where that is cheap', () => {
    expect(cache.list(things, { limit: 3 })).toMatchObject({ more: true, remaining: 1 });
    expect(cache.list(things, { limit: 4 })).toMatchObject({ more: false, remaining: 0 });
    const selected = cache.list(things, { limit: 1, labels: parseLabelSelector('tier') });
    expect([selected.items.length, selected.more, selected.remaining]).toEqual([1, true, undefined]);
    expect(cache.list(things, { limit: 2, labels: parseLabelSelector('tier') }).more).toBe(false);
  });

  test('stay as they were when objects change', async () => {
    const before = cache.list(things).items;
    await commit(remove('a/one'), put('a/zzz'));
    expect(before.map((item) => item.key.name)).toEqual(['one', 'two', 'three', 'one']);
  });

  test('by prefix', async () => {
    await commit(put('a/on'), put('a/ond'));
    expect(cache.prefix(things, 'a', 'one').map((item) => item.key.name)).toEqual(['one']);
    expect(cache.prefix(things, 'a', 'on').map((item) => item.key.name)).toEqual(['on', 'ond', 'one']);
    expect(cache.prefix(things, 'a', '').length).toBe(4);
    expect(cache.prefix(things, 'zz', '')).toEqual([]);
  });

  test('of the past undo what came after', async () => {
    await commit(put('a/one', 9), remove('a/two'));
    await commit(put('a/two', 7), put('c/new'));
    expect(places({}, 5)).toEqual(['a/one', 'a/two', 'a-b/three', 'b/one']);
    expect(places({ fields: parseFieldSelector('spec.size=9') }, 5)).toEqual([]);
    expect(places({}, 7)).toEqual(['a/one', 'a-b/three', 'b/one']);
    expect(places({ fields: parseFieldSelector('spec.size=9') }, 7)).toEqual(['a/one']);
    expect(places({}, 9)).toEqual(places());
    expect(places({ after: { namespace: 'a', name: 'two' }, limit: 1 }, 5)).toEqual(['a-b/three']);
    expect(places({}, 1)).toEqual([]);
    expect(() => places({}, cache.revision + 1)).toThrow('is not there yet');
  });
});

describe('watches', () => {
  test('replay what is past, then go on, without gap or repetition', async () => {
    await commit(put('a/one', 1), put('a/two', 1));
    await commit(put('a/one', 2));
    const seen: string[] = [];
    const end = cache.watch(things, 2, (event) => seen.push(show(event)));
    expect(seen).toEqual(['3 ADDED two undefined>1', '4 MODIFIED one 1>2']);
    await commit(put('a/two', 1), remove('a/one'));
    await commit(put('a/other', 1, {}, 'others.example.com'));
    expect(seen.slice(2)).toEqual(['5 DELETED one 2>2']);
    end();
    await commit(put('a/two', 3));
    expect(seen).toHaveLength(3);
  });

  test('a deletion carries the last state with its own revision', async () => {
    await commit(put('a/one', 1));
    const seen: ServedEvent[] = [];
    cache.watch(things, cache.revision, (event) => seen.push(event));
    await commit(remove('a/one'));
    expect(seen[0]?.object.decode().metadata.resourceVersion).toBe('3');
    expect(seen[0]?.previous?.decode().metadata.resourceVersion).toBe('2');
  });

  test('a write set becomes visible at once', async () => {
    const views: string[][] = [];
    cache.watch(things, cache.revision, () => views.push([...places(), String(cache.revision)]));
    await commit(put('a/one'), put('a/two'));
    expect(views).toEqual([
      ['a/one', 'a/two', '3'],
      ['a/one', 'a/two', '3'],
    ]);
  });

  test('one that is begun by another one hears every event once', async () => {
    const inner: number[] = [];
    let begun = false;
    cache.watch(things, cache.revision, () => {
      if (!begun) cache.watch(things, 1, (event) => inner.push(event.revision));
      begun = true;
    });
    await commit(put('a/one'), put('a/two'));
    await commit(put('a/three'));
    expect(inner).toEqual([2, 3, 4]);
  });

  test('a listener that throws does not keep others from hearing', async () => {
    const errors: unknown[] = [];
    cache = await newCache({ logger: { error: (details: unknown) => errors.push(details) } as never });
    const seen: number[] = [];
    const fail = () => {
      throw new Error('listener');
    };
    cache.watch(things, cache.revision, fail);
    cache.watch(things, cache.revision, (event) => seen.push(event.revision));
    cache.onRevision(fail);
    cache.onRevision((revision) => seen.push(revision));
    await commit(put('a/one'));
    expect([seen, errors.length]).toEqual([[2, 2], 2]);
  });

  test('positions that are no longer kept are compacted: by count and by bytes', async () => {
    for (const bounds of [
      { maxEvents: 3, maxBytes: 1_000_000 },
      { maxEvents: 1000, maxBytes: 300 },
    ]) {
      cache = await newCache({ bounds });
      for (let n = 0; n < 20; n++) await commit(put('a/one', cache.revision), put('b/one', 1, {}, `r${n}`));
      expect(cache.oldest).toBeGreaterThan(cache.revision - 10);
      expect(() => cache.watch(things, cache.oldest - 1, () => undefined)).toThrow(
        expect.objectContaining({ name: 'CompactedError', oldest: cache.oldest }),
      );
      expect(() => cache.listAt(things, cache.oldest - 1)).toThrow('compacted');
      expect(places({}, cache.oldest)).toEqual(['a/one']);
      const seen: ServedEvent[] = [];
      cache.watch(things, cache.oldest, (event) => seen.push(event));
      expect(seen.every((event) => event.revision > cache.oldest)).toBe(true);
    }
  });

  test('resume after a restart, with the states before', async () => {
    await commit(put('a/one', 1), put('a/two', 1));
    await commit(put('a/one', 2));
    await commit(remove('a/two'));
    await commit(put('a/one', 3));
    const before: string[] = [];
    cache.watch(things, 3, (event) => before.push(show(event)));
    await store.close();
    store = await openSqliteStore({ directory });
    cache = await newCache({ history: 3 });
    expect([cache.revision, cache.oldest]).toEqual([6, 3]);
    const after: string[] = [];
    cache.watch(things, 3, (event) => after.push(show(event)));
    expect(after).toEqual(before);
    expect(after).toEqual(['4 MODIFIED one 1>2', '5 DELETED two 1>1', '6 MODIFIED one 2>3']);
    expect(places({}, 3)).toEqual(['a/one', 'a/two']);
    expect(() => cache.watch(things, 2, () => undefined)).toThrow('compacted');
  });

  test('after a restart what was made again is new', async () => {
    await commit(put('a/one', 1));
    await commit(remove('a/one'));
    await commit(put('a/one', 2));
    cache = await newCache();
    const seen: string[] = [];
    cache.watch(things, 1, (event) => seen.push(show(event)));
    expect(seen).toEqual(['2 ADDED one undefined>1', '3 DELETED one 1>1', '4 ADDED one undefined>2']);
  });

  test('writes during the creation of a cache are in it', async () => {
    const writes = Array.from({ length: 50 }, (_, n) => commit(put(`a/t${n}`)));
    cache = await newCache();
    const more = Array.from({ length: 50 }, (_, n) => commit(put(`a/u${n}`)));
    await Promise.all([...writes, ...more]);
    expect(cache.revision).toBe(101);
    expect(places().length).toBe(100);
    const seen: number[] = [];
    cache.watch(things, cache.oldest, (event) => seen.push(event.revision));
    expect(seen).toEqual(Array.from({ length: 101 - cache.oldest }, (_, n) => cache.oldest + n + 1));
  });
});

test.each(['before', 'after'])('a write is in a cache once that is committed %s the objects are read', async (when) => {
  const filling: Store = {
    ...store,
    onCommit: (listener) => store.onCommit(listener),
    async snapshot(options) {
      if (when === 'before') await commit(put('a/one', 1));
      const snapshot = await store.snapshot(options);
      if (when === 'after') await commit(put('a/one', 1));
      return snapshot;
    },
  };
  cache = await newCache({ store: filling });
  expect(cache.revision).toBe(2);
  expect(places()).toEqual(['a/one']);
  const seen: string[] = [];
  cache.watch(things, 1, (event) => seen.push(show(event)));
  expect(seen).toEqual(['2 ADDED one undefined>1']);
});

test('reached waits for a revision, or for the signal', async () => {
  const { signal } = new AbortController();
  const reached = cache.reached(3, signal);
  await commit(put('a/one'), put('a/two'));
  await reached;
  await cache.reached(2, signal);
  const giving = new AbortController();
  const waiting = cache.reached(99, giving.signal);
  giving.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  await expect(cache.reached(99, giving.signal)).rejects.toThrow('gone');
});

test('an object whose fields cannot be read does not keep the cache from being created', async () => {
  await commit(put('a/one'));
  const errors: unknown[] = [];
  const failing: ExtractionRules = {
    table: {
      cells: () => {
        throw new Error('bad');
      },
    },
  };
  const logger = { error: (details: unknown) => errors.push(details) } as never;
  cache = await newCache({ definitions: new Map([[things, failing]]), logger });
  expect([places(), errors.length]).toEqual([['a/one'], 1]);
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { KubernetesObject, ObjectMeta } from '../meta/object.ts';
import { createWatchCache } from '../storage/create-watch-cache.ts';
import { openSqliteStore } from '../storage/sqlite/open.ts';
import type { Change, Store } from '../storage/store.ts';
import type { WatchCache } from '../storage/watch-cache-api.ts';
import type { RequestContext, UpdateFunction } from './resource.ts';
import { createStoreStorage, type StoreStorageOptions } from './store-storage.ts';

/** The kind of these tests. */
export interface Thing extends KubernetesObject {
  spec?: { n: number };
  status?: { seen: number };
}

export const write = { dryRun: false, fieldManager: 'test' };
export const dryRun = { ...write, dryRun: true };

let directory: string;
export let store: Store;
export let cache: WatchCache;
export let context: RequestContext;
export let events: string[];
export let committed: Change[];
let clock: Date;

/** What time it is from now on. */
export function setClock(time: Date): void {
  clock = time;
}

/** The storage of things. */
export function storage(options: Partial<StoreStorageOptions<Thing>> = {}) {
  return createStoreStorage<Thing>({
    store,
    cache,
    resource: { group: 'example.com', plural: 'things', kind: 'Thing', namespaced: true, hasGeneration: true },
    now: () => clock,
    afterCommit: (_, change) => void committed.push(change),
    ...options,
  });
}

/** A thing as a client sends it. */
export function thing(metadata: ObjectMeta, n = 0): Thing {
  return { apiVersion: 'example.com/v1', kind: 'Thing', metadata, spec: { n } };
}

/** As a patch does it: from what is there, whatever that is. */
export function set(n: number): UpdateFunction<Thing> {
  return (current) => ({ ...(current as Thing), spec: { n } });
}

/** As a PUT does it. */
export function replace(metadata: ObjectMeta, n: number): UpdateFunction<Thing> {
  return () => thing(metadata, n);
}

/** Makes a thing and gives it as it is stored. */
export const create = async (name: string, metadata: ObjectMeta = {}) =>
  (await storage().create(context, thing({ ...metadata, name }), write)).object.decode<Thing>();

/** Each test of the file begins with an empty store and a storage of things on it. */
export function withStoreOfThings(): void {
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
}

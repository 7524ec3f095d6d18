import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { configMapKind } from '../core/config-map.ts';
import { leaseKind } from '../core/lease.ts';
import { extractionOf, storedResource, withStorage } from '../core/resource-kind.ts';
import type { KubernetesObject, ObjectMeta, OwnerReference } from '../meta/object.ts';
import type { AnyResourceDefinition, DeleteOptions } from '../registry/resource.ts';
import { serverContext } from '../registry/server-context.ts';
import { createStoreStorage } from '../registry/store-storage.ts';
import { createWatchCache } from '../storage/create-watch-cache.ts';
import { openSqliteStore } from '../storage/sqlite/open.ts';
import type { Store } from '../storage/store.ts';
import type { WatchCache } from '../storage/watch-cache-api.ts';
import { GarbageCollector } from './garbage-collector.ts';
import { OwnedObjects, ownedKinds } from './owned-objects.ts';

const write = { dryRun: false, fieldManager: 'test' };
const patience = { timeout: 60_000, interval: 5 };
const clusterKind = { ...configMapKind, group: 'example.com', plural: 'things', kind: 'Thing', namespaced: false };

let directory: string;
let store: Store;
let cache: WatchCache;
let definitions: AnyResourceDefinition[];
let collector: GarbageCollector;
let kept: string[];

const keep = ({ metadata }: KubernetesObject): string | undefined =>
  metadata.labels?.['keep'] === undefined ? undefined : 'somebody needs it';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'garbage-'));
  store = await openSqliteStore({ directory });
  cache = await createWatchCache({
    store,
    definitions: new Map([extractionOf(configMapKind), extractionOf(leaseKind), extractionOf(clusterKind)]),
  });
  const storageOf = (kind: Parameters<typeof storedResource>[0]) =>
    createStoreStorage<KubernetesObject>({ store, cache, resource: storedResource(kind), garbageCollected: true });
  definitions = [
    { ...withStorage(configMapKind, storageOf(configMapKind)), keptWithoutOwners: keep },
    withStorage(leaseKind, storageOf(leaseKind)),
    withStorage(clusterKind, storageOf(clusterKind)),
  ] as AnyResourceDefinition[];
  kept = [];
  collector = new GarbageCollector({
    cache,
    definitions,
    except: [],
    user: 'collector',
    logger: pino({ level: 'silent' }),
    everyMs: 3_600_000,
    now: () => new Date('2026-01-02T03:04:05Z'),
    kept: (object, reason) => kept.push(`${object.key.name}: ${reason}`),
  });
});

afterEach(async () => {
  await collector.close();
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

const storage = (plural: string): AnyResourceDefinition['storage'] => {
  const found = definitions.find((definition) => definition.plural === plural);
  if (found === undefined) throw new Error(plural);
  return found.storage;
};
const contextOf = (plural: string) => serverContext('test', plural === 'things' ? '' : 'default');

/** Makes an object and gives the reference to it. */
async function make(plural: string, name: string, metadata: ObjectMeta = {}): Promise<OwnerReference> {
  const definition = definitions.find((each) => each.plural === plural);
  const apiVersion = definition?.group === '' ? 'v1' : `${definition?.group}/${definition?.version}`;
  const kind = definition?.kind ?? '';
  const object = { apiVersion, kind, metadata: { ...metadata, name } };
  const { object: made } = (await storage(plural).create?.(contextOf(plural), object, write)) ?? { object: undefined };
  return { apiVersion, kind, name, uid: made?.uid ?? '' };
}

const remove = (name: string, options: Partial<DeleteOptions> = {}, plural = 'configmaps') =>
  storage(plural).delete?.(contextOf(plural), name, { ...write, ...options });
const change = (name: string, work: (metadata: ObjectMeta) => void) =>
  storage('configmaps').update?.(
    contextOf('configmaps'),
    name,
    (current) => {
      const next = structuredClone(current) as KubernetesObject;
      work(next.metadata);
      return next;
    },
    write,
  );
const metadataOf = (name: string, plural = 'configmaps'): ObjectMeta | undefined => {
  const resource =
    plural === 'configmaps' ? plural : plural === 'leases' ? 'leases.coordination.k8s.io' : 'things.example.com';
  return cache.get({ resource, namespace: plural === 'things' ? '' : 'default', name })?.decode().metadata;
};
const gone = (...names: string[]) =>
  vi.waitFor(() => expect(names.filter((name) => metadataOf(name) !== undefined)).toEqual([]), patience);
/** Waits until the collector has looked at all that happened before: an object made now is collected. */
async function looked(): Promise<void> {
  const name = `probe-${crypto.randomUUID()}`;
  await make('configmaps', name, {
    ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'none', uid: 'none' }],
  });
  await gone(name);
}

describe('objects whose owners are gone', () => {
  test('go with the last owner, and theirs after them', async () => {
    collector.start();
    const first = await make('configmaps', 'first');
    const second = await make('leases', 'second');
    const child = await make('configmaps', 'child', { ownerReferences: [first, second] });
    await make('configmaps', 'grandchild', { ownerReferences: [child] });
    await remove('first');
    await vi.waitFor(() => expect(metadataOf('child')?.ownerReferences).toEqual([second]), patience);
    expect(metadataOf('grandchild')).toBeDefined();
    await remove('second', {}, 'leases');
    await gone('child', 'grandchild');
  });

  test('stay when they are given another owner while it is found out about the old ones', async () => {
    const other = await make('leases', 'other');
    await make('configmaps', 'child', { ownerReferences: [{ ...other, name: 'gone', uid: 'gone' }] });
    const { get } = storage('leases');
    vi.spyOn(storage('leases'), 'get').mockImplementationOnce(async (...asked) => {
      await change('child', (metadata) => {
        metadata.ownerReferences = [other];
      });
      if (get === undefined) throw new Error('leases can be read');
      return get(...asked);
    });
    collector.start();
    await looked();
    expect(metadataOf('child')?.ownerReferences).toEqual([other]);
  });

  test('are found at the start', async () => {
    const owner = await make('configmaps', 'owner');
    await make('configmaps', 'child', { ownerReferences: [owner] });
    await make('configmaps', 'free');
    await remove('owner');
    collector.start();
    await gone('child');
    expect(metadataOf('free')).toBeDefined();
  });

  test('are those that name another uid than the owner has', async () => {
    collector.start();
    const owner = await make('configmaps', 'owner');
    await make('configmaps', 'child', { ownerReferences: [{ ...owner, uid: 'another' }] });
    await gone('child');
    expect(metadataOf('owner')).toBeDefined();
  });

  test('stay while nobody can tell: unknown kinds, unserved versions, owners in namespaces of objects in none', async () => {
    collector.start();
    const owner = await make('configmaps', 'owner');
    await make('configmaps', 'unknown', { ownerReferences: [{ ...owner, kind: 'Pod' }] });
    await make('configmaps', 'unserved', { ownerReferences: [{ ...owner, apiVersion: 'v2' }] });
    await make('things', 'everywhere', { ownerReferences: [owner] });
    await remove('owner');
    await looked();
    expect([metadataOf('unknown'), metadataOf('unserved'), metadataOf('everywhere', 'things')]).not.toContain(
      undefined,
    );
  });

  test('may have owners outside of all namespaces', async () => {
    collector.start();
    const owner = await make('things', 'owner');
    await make('configmaps', 'child', { ownerReferences: [owner] });
    await make('things', 'other', { ownerReferences: [owner] });
    await remove('owner', {}, 'things');
    await gone('child');
    await vi.waitFor(() => expect(metadataOf('other', 'things')).toBeUndefined(), patience);
  });

  test('stay where their kind says so, which is told once of each state', async () => {
    collector.start();
    const owner = await make('configmaps', 'owner');
    await make('configmaps', 'needed', { ownerReferences: [owner], labels: { keep: '' } });
    await remove('owner');
    await vi.waitFor(() => expect(kept).toEqual(['needed: somebody needs it']), patience);
    await looked();
    expect(kept).toHaveLength(1);
    await change('needed', (metadata) => {
      metadata.labels = {};
    });
    await gone('needed');
  });

  test('stay while an owner waits for finalizers, unless its deletion waits for them', async () => {
    collector.start();
    const other = await make('configmaps', 'other');
    const held = await make('configmaps', 'held', { finalizers: ['example.com/hold'] });
    const ready = await make('configmaps', 'ready', { finalizers: ['foregroundDeletion'] });
    await make('configmaps', 'child', { ownerReferences: [other, held, ready] });
    await remove('held');
    await remove('other');
    await vi.waitFor(() => expect(metadataOf('child')?.ownerReferences).toEqual([held, ready]), patience);
    await looked();
    expect(metadataOf('child')).toBeDefined();
  });

  test('wait for the finalizers that they have themselves', async () => {
    collector.start();
    const owner = await make('configmaps', 'owner');
    await make('configmaps', 'child', { ownerReferences: [owner], finalizers: ['example.com/hold'] });
    await remove('owner');
    await vi.waitFor(() => expect(metadataOf('child')?.deletionTimestamp).toBeDefined(), patience);
    await looked();
    expect(metadataOf('child')?.finalizers).toEqual(['example.com/hold']);
  });
});

test('an object that has taken the name of another is not changed in its place', async () => {
  await make('configmaps', 'name');
  const objects = new OwnedObjects(ownedKinds(definitions), 'collector', () => new Date());
  const key = { resource: 'configmaps', namespace: 'default', name: 'name' };
  const label = (metadata: ObjectMeta): void => {
    metadata.labels = { changed: '' };
  };
  await expect(objects.edit({ key, uid: 'another' }, label)).rejects.toMatchObject({ code: 409 });
  expect(metadataOf('name')?.labels).toBeUndefined();
});

test('an object that has changed since it was seen is not deleted', async () => {
  await make('configmaps', 'name');
  const objects = new OwnedObjects(ownedKinds(definitions), 'collector', () => new Date());
  const seen = cache.get({ resource: 'configmaps', namespace: 'default', name: 'name' });
  if (seen === undefined) expect.fail('it is not there');
  await objects.edit(seen, (metadata) => {
    metadata.labels = { changed: '' };
  });
  await expect(objects.remove(seen)).rejects.toMatchObject({ code: 409 });
  expect(metadataOf('name')).toBeDefined();
});

describe('a deletion', () => {
  test('that orphans leaves the dependents, without the reference', async () => {
    collector.start();
    const owner = await make('configmaps', 'owner');
    const other = await make('configmaps', 'other');
    await make('configmaps', 'only', { ownerReferences: [owner] });
    await make('configmaps', 'shared', { ownerReferences: [owner, other] });
    const result = await remove('owner', { propagationPolicy: 'Orphan' });
    expect(result?.object.decode().metadata.finalizers).toEqual(['orphan']);
    await gone('owner');
    await looked();
    expect(metadataOf('only')).not.toHaveProperty('ownerReferences');
    expect(metadataOf('shared')?.ownerReferences).toEqual([other]);
  });

  test('in the foreground waits for the dependents that block it, and for theirs', async () => {
    collector.start();
    const owner = await make('configmaps', 'owner');
    const child = await make('configmaps', 'child', {
      ownerReferences: [{ ...owner, blockOwnerDeletion: true }],
    });
    await make('configmaps', 'grandchild', {
      ownerReferences: [{ ...child, blockOwnerDeletion: true }],
      finalizers: ['example.com/hold'],
    });
    await make('configmaps', 'beside', { ownerReferences: [owner] });
    const result = await remove('owner', { propagationPolicy: 'Foreground' });
    expect(result?.object.decode().metadata.finalizers).toEqual(['foregroundDeletion']);
    await gone('beside');
    await vi.waitFor(() => expect(metadataOf('grandchild')?.deletionTimestamp).toBeDefined(), patience);
    await looked();
    expect(metadataOf('owner')?.finalizers).toEqual(['foregroundDeletion']);
    expect(metadataOf('child')?.finalizers).toEqual(['foregroundDeletion']);
    await change('grandchild', (metadata) => {
      metadata.finalizers = [];
    });
    await gone('owner', 'child', 'grandchild');
  });

  test('in the foreground goes on when a dependent blocks no more', async () => {
    collector.start();
    const owner = await make('configmaps', 'owner');
    await make('configmaps', 'child', {
      ownerReferences: [{ ...owner, blockOwnerDeletion: true }],
      labels: { keep: '' },
    });
    await remove('owner', { propagationPolicy: 'Foreground' });
    await vi.waitFor(() => expect(kept).toHaveLength(1), patience);
    expect(metadataOf('owner')).toBeDefined();
    await change('child', (metadata) => {
      metadata.ownerReferences = [];
    });
    await gone('owner');
    expect(metadataOf('child')).toBeDefined();
  });

  test('in the foreground ends also where owners own one another', async () => {
    collector.start();
    const a = await make('configmaps', 'a');
    const b = await make('configmaps', 'b', { ownerReferences: [{ ...a, blockOwnerDeletion: true }] });
    await change('a', (metadata) => {
      metadata.ownerReferences = [{ ...b, blockOwnerDeletion: true }];
    });
    await remove('a', { propagationPolicy: 'Foreground' });
    await gone('a', 'b');
  });

  test('takes back the other policy', async () => {
    const owner = await make('configmaps', 'owner');
    await make('configmaps', 'child', { ownerReferences: [owner] });
    await remove('owner', { propagationPolicy: 'Orphan' });
    await remove('owner', { propagationPolicy: 'Foreground' });
    expect(metadataOf('owner')?.finalizers).toEqual(['foregroundDeletion']);
    await remove('owner');
    expect(metadataOf('owner')?.finalizers).toEqual(['foregroundDeletion']);
    await remove('owner', { propagationPolicy: 'Background' });
    expect(metadataOf('owner')).toBeUndefined();
  });
});

test('removing a reference is recorded as the collector’s change of its field', async () => {
  collector.start();
  const first = await make('configmaps', 'first');
  const second = await make('configmaps', 'second');
  const path = (uid: string) => ({ [`k:{"uid":"${uid}"}`]: {} });
  await make('configmaps', 'child', {
    ownerReferences: [first, second],
    managedFields: [
      {
        manager: 'maker',
        operation: 'Update',
        apiVersion: 'v1',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:metadata': { 'f:ownerReferences': { ...path(first.uid), ...path(second.uid) } } },
      },
    ],
  });
  await remove('first');
  await vi.waitFor(() => expect(metadataOf('child')?.ownerReferences).toEqual([second]), patience);
  expect(metadataOf('child')?.managedFields).toMatchObject([
    { manager: 'maker', fieldsV1: { 'f:metadata': { 'f:ownerReferences': path(second.uid) } } },
  ]);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWatchCache, encodeObject, openSqliteStore, type Store, type WatchCache } from '@porch/apiserver';
import pino from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { namespaceFinalizer, namespaces } from '../resources/group.ts';
import type { Namespace } from '../resources/namespace.ts';
import { NamespaceController } from './namespace-controller.ts';

const key = { resource: namespaces, namespace: '', name: 'team' };
const patience = { timeout: 60_000, interval: 10 };
const deletionTimestamp = '2026-01-02T03:04:05Z';

let directory: string;
let store: Store;
let cache: WatchCache;
let controller: NamespaceController;
let left: string[];
let held: boolean;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'porch-namespaces-'));
  store = await openSqliteStore({ directory });
  cache = await createWatchCache({ store, definitions: new Map() });
  left = [];
  held = false;
  controller = new NamespaceController({
    store,
    cache,
    contents: {
      isEmpty: () => left.length === 0,
      removeSome: async () => void (held ? undefined : left.pop()),
      remaining: () => ({
        resources: new Map(left.length === 0 ? [] : [['repositories.config.porch.kpt.dev', left.length]]),
        finalizers: new Map(left.length === 0 ? [] : [['example.com/hold', 1]]),
        reasons: ['Repository a: it waits'],
      }),
    },
    clock: () => new Date('2026-01-02T03:04:10Z'),
    logger: pino({ level: 'silent' }),
    everyMs: 5,
  });
});

afterEach(async () => {
  await controller.close();
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

async function put(metadata: Namespace['metadata']): Promise<void> {
  const object: Namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'team', uid: 'u', ...metadata },
    status: { phase: 'Active' },
  };
  await store.commit({ operations: [{ type: 'put', key, uid: 'u', value: encodeObject(object) }] });
}

test('a namespace that is deleted is emptied, and then goes', async () => {
  left = ['a', 'b', 'c'];
  await put({ finalizers: [namespaceFinalizer] });
  controller.start();
  const phases: (string | undefined)[] = [];
  cache.watch(namespaces, cache.revision, ({ object }) => phases.push(object.decode<Namespace>().status?.phase));
  await put({ finalizers: [namespaceFinalizer], deletionTimestamp });
  await vi.waitFor(() => expect(cache.get(key)).toBeUndefined(), patience);
  expect(left).toEqual([]);
  expect(phases).toEqual(['Active', 'Terminating', 'Terminating']);
});

test('what is deleted when nothing was left to do goes as well', async () => {
  controller.start();
  for (let time = 0; time < 2; time++) {
    await put({ finalizers: [namespaceFinalizer], deletionTimestamp });
    await vi.waitFor(() => expect(cache.get(key)).toBeUndefined(), patience);
  }
});

test('one that was being deleted when the server stopped goes after the next start', async () => {
  await put({ finalizers: [namespaceFinalizer], deletionTimestamp });
  controller.start();
  await vi.waitFor(() => expect(cache.get(key)).toBeUndefined(), patience);
});

test("other people's finalizers are waited for", async () => {
  await put({ finalizers: [namespaceFinalizer, 'example.com/hold'], deletionTimestamp });
  controller.start();
  await vi.waitFor(() => {
    expect(cache.get(key)?.decode<Namespace>().metadata.finalizers).toEqual(['example.com/hold']);
  }, patience);
});

test('one that stays is left alone', async () => {
  await put({ finalizers: [namespaceFinalizer] });
  const before = cache.revision;
  controller.start();
  await controller.close();
  expect(cache.revision).toBe(before);
});

test('one that cannot be emptied says what it waits for', async () => {
  left = ['a', 'b'];
  held = true;
  const conditions = () => cache.get(key)?.decode<Namespace>().status?.conditions;
  await put({ finalizers: [namespaceFinalizer, 'example.com/mine'], deletionTimestamp });
  controller.start();
  await vi.waitFor(() => expect(conditions()).toHaveLength(2), patience);
  expect(conditions()).toMatchObject([
    {
      type: 'NamespaceContentRemaining',
      status: 'True',
      lastTransitionTime: '2026-01-02T03:04:10Z',
      reason: 'SomeResourcesRemain',
      message:
        'Some resources are remaining: repositories.config.porch.kpt.dev has 2 resource instances. Repository a: it waits',
    },
    {
      type: 'NamespaceFinalizersRemaining',
      status: 'True',
      reason: 'SomeFinalizersRemain',
      message: 'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
    },
  ]);
  held = false;
  await vi.waitFor(() => expect(conditions()?.map(({ status }) => status)).toEqual(['False', 'False']), patience);
});

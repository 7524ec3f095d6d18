import { createPrometheusMetrics, type Store } from '@porch/apiserver';
import { Registry } from 'prom-client';
import { afterEach, expect, test, vi } from 'vitest';
import { putRecord, type RevisionState } from '../../cache/records.ts';
import { repositoryStateKey, resourcesKey, stateKey } from '../../cache/revision-cache.ts';
import { requestSync, syncRequestKey } from '../../cache/sync-requests.ts';
import { startTrial, type Trial } from '../../engine/trial.test-support.ts';
import { gitError } from '../../git/errors.ts';
import { packageRevisions } from '../../resources/group.ts';
import { Cleanup } from './cleanup.ts';
import { createCleanupCounters } from './cleanup-counters.ts';

let trial: Trial | undefined;
afterEach(async () => {
  await trial?.close();
  trial = undefined;
});

const state: RevisionState = { repository: 'r', path: 'p', refs: {}, tip: null, base: null, pending: [] };

/** A store with which something else happens first, before a record is removed. */
function storeAfter(store: Store, first: (removed: string) => unknown): Store {
  return new Proxy(store, {
    get(target, property) {
      if (property !== 'commit') return Reflect.get(target, property);
      return async (...args: Parameters<Store['commit']>) => {
        for (const operation of args[0].operations ?? [])
          if (operation.type === 'delete') await first(operation.key.name);
        return target.commit(...args);
      };
    },
  });
}

interface SetUp {
  readonly most?: number;
  readonly everyMs?: number;
  readonly left?: () => Promise<number>;
  readonly before?: (removed: string) => unknown;
}

async function setUp(options: SetUp = {}) {
  // What is left to do in Git stays so: the queue finds the remote out of reach from now on.
  let cut = false;
  const t = await startTrial('off', {}, (mirror) => {
    const whenUncut = <T>(work: () => Promise<T>): Promise<T> =>
      cut ? Promise.reject(gitError('Unreachable', 'the remote is out of reach')) : work();
    return {
      ...mirror,
      lsRemote: (access, operation) => whenUncut(() => mirror.lsRemote(access, operation)),
      push: (access, updates, push) => whenUncut(() => mirror.push(access, updates, push)),
    };
  });
  trial = t;
  await t.addRepository('r');
  cut = true;
  const registry = new Registry();
  const cleanup = new Cleanup({
    parts: { ...t.parts, store: storeAfter(t.parts.store, options.before ?? (() => undefined)) },
    removeLeftRevisions: options.left ?? (async () => 0),
    counters: createCleanupCounters(createPrometheusMetrics(registry)),
    logger: t.parts.logger,
    everyMs: options.everyMs ?? 3_600_000,
    mostRecords: options.most ?? 1000,
  });
  const put = (name: string, record: RevisionState) =>
    t.parts.store.commit({ operations: [putRecord(stateKey('default', name), record)] });
  const states = () => [...t.parts.cache.statesToLookAt()].map(({ key }) => key.name);
  return { t, cleanup, put, states, registry };
}

test('records that belong to nothing are removed and counted; those with something left to do stay', async () => {
  const { t, cleanup, put, states, registry } = await setUp();
  await t.create('r', 'p', 'w');
  await put('r.orphan.w', state);
  for (const name of ['r.p.w', 'r.nothing.w'])
    await t.parts.store.commit({ operations: [putRecord(resourcesKey('default', name), {})] });
  await put('r.going.w', { ...state, deleted: true, refs: { 'refs/heads/drafts/going/w': 'a'.repeat(40) } });
  await put('r.pushing.w', { ...state, pushing: {} });
  const intent = { type: 'delete', updates: [], decisive: 'refs/heads/main', commit: null } as const;
  await put('r.removing.w', { ...state, intent });
  await put('gone.p.w', { ...state, repository: 'gone', deleted: true });
  await t.parts.store.commit({ operations: [putRecord(repositoryStateKey('default', 'gone'), {})] });
  await requestSync(t.parts, 'default', 'gone', 'test');
  await requestSync(t.parts, 'default', 'r', 'test');
  const content = await t.parts.contents.prepare([]);
  const pending = {
    resource: 'pendingcontents.internal.porch.kpt.dev',
    namespace: 'default',
    name: `r.p.w/${content.digest}`,
  };
  await t.parts.store.commit({
    content: [content],
    operations: [{ ...putRecord(pending, { revision: 'r.p.w' }), content: content.digest }],
  });

  expect(Object.fromEntries(await cleanup.round())).toEqual({
    'revision-state': 2,
    'resources-state': 1,
    'repository-state': 1,
    'sync-request': 1,
    'pending-content': 1,
  });
  expect(states()).toEqual(['r.going.w', 'r.p.w', 'r.pushing.w', 'r.removing.w']);
  expect(t.parts.cache.objects.get(resourcesKey('default', 'r.p.w'))).toBeDefined();
  expect(t.parts.cache.repositoryState('default', 'r')).toBeDefined();
  expect(t.parts.cache.objects.get(syncRequestKey('default', 'r'))).toBeDefined();
  expect((await cleanup.round()).size).toBe(0);
  const text = await registry.metrics();
  expect(text).toContain('porch_cleanup_removed_total{kind="revision-state"} 2');
  expect(text).toContain('porch_cleanup_rounds_total{outcome="ok"} 2');
});

test('a round has an end: what is too much waits for the next', async () => {
  const { cleanup, put, states } = await setUp({ most: 2 });
  for (const name of ['a', 'b', 'c']) await put(`r.${name}.w`, state);
  await cleanup.round();
  expect(states()).toHaveLength(1);
  await cleanup.round();
  expect(states()).toEqual([]);
});

test('what is in use takes no place of what is to go', async () => {
  const { t, cleanup, put, states } = await setUp({ most: 1 });
  await t.create('r', 'a', 'w');
  await put('r.b.w', state);
  await cleanup.round();
  expect(states()).toEqual(['r.a.w']);
});

test('what belongs to something again by the time it is removed stays, and the rest goes all the same', async () => {
  const wanted = new Map<string, () => Promise<unknown>>();
  const before = (removed: string) => wanted.get(removed)?.();
  const { t, cleanup, put, states, registry } = await setUp({ before });
  for (const name of ['a', 'c', 'e']) await put(`r.${name}.w`, state);
  for (const name of ['b', 'd', 'f'])
    await t.parts.store.commit({ operations: [putRecord(resourcesKey('default', `r.${name}.w`), {})] });
  const putObject = (name: string) => {
    const key = { resource: packageRevisions, namespace: 'default', name };
    const value = JSON.stringify({ metadata: { namespace: 'default', name }, spec: { repository: 'r' } });
    return t.parts.store.commit({ operations: [{ type: 'put', key, uid: name, value }] });
  };
  // One has changed itself, one belongs to a state that is new, and two to objects that are.
  wanted.set('r.a.w', () => put('r.a.w', { ...state, tip: 'a'.repeat(40) }));
  wanted.set('r.b.w', () => put('r.b.w', state));
  for (const name of ['r.e.w', 'r.f.w']) wanted.set(name, () => putObject(name));
  expect(Object.fromEntries(await cleanup.round())).toEqual({ 'revision-state': 1, 'resources-state': 1 });
  expect(states()).toEqual(['r.a.w', 'r.b.w', 'r.e.w']);
  for (const name of ['r.b.w', 'r.f.w']) expect(t.parts.cache.objects.get(resourcesKey('default', name))).toBeDefined();
  expect(await registry.metrics()).toContain('porch_cleanup_rounds_total{outcome="ok"} 1');
});

test('a server that stops does not wait until everything is removed', async () => {
  let closed: Promise<void> | undefined;
  const { cleanup, put, states } = await setUp({
    before: () => {
      closed ??= cleanup.close();
    },
  });
  for (const name of ['a', 'b', 'c']) await put(`r.${name}.w`, state);
  await cleanup.round();
  await closed;
  expect(states()).toHaveLength(2);
});

test('rounds follow one another, and a step that fails holds up no other', async () => {
  const { cleanup, put, states, registry } = await setUp({
    everyMs: 5,
    left: () => Promise.reject(new Error('the store is on fire')),
  });
  await put('r.a.w', state);
  cleanup.start();
  await vi.waitFor(() => expect(states()).toEqual([]), { timeout: 60_000 });
  await vi.waitFor(
    async () => expect(await registry.metrics()).toMatch(/rounds_total\{outcome="failed"\} ([2-9]|\d\d)/),
    {
      timeout: 60_000,
    },
  );
  await cleanup.close();
});

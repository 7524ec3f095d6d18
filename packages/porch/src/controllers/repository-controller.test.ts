import {
  encodeObject,
  noMetrics,
  noTracing,
  PreconditionFailedError,
  type Store,
  type WriteSet,
} from '@porch/apiserver';
import { afterEach, expect, test, vi } from 'vitest';
import { putRecord, repositoryStates } from '../cache/records.ts';
import { requestSync } from '../cache/sync-requests.ts';
import { writeMutex } from '../engine/mutex-names.ts';
import { startTrial, type Trial } from '../engine/trial.test-support.ts';
import { GitError, type Mirror } from '../git/types.ts';
import { soleOwnership } from '../outbox/sharing/ownership.ts';
import { repositories, resolveDraftAnnotation, secrets } from '../resources/group.ts';
import type { Repository } from '../resources/repository.ts';
import { Leftovers } from './leftovers.ts';
import { RepositoryController } from './repository-controller.ts';
import { commitElsewhere } from './sync/commit-elsewhere.test-support.ts';
import { createSyncMetrics } from './sync-metrics.ts';

const patience = { timeout: 60_000, interval: 20 };

let trial: Trial | undefined;
let controller: RepositoryController | undefined;

afterEach(async () => {
  await controller?.close();
  await trial?.close();
  controller = undefined;
  trial = undefined;
});

function control(t: Trial, store = t.parts.store, parts = t.parts): RepositoryController {
  controller = new RepositoryController({
    parts,
    ownership: soleOwnership(store),
    logger: t.parts.logger,
    frequencyMs: 0,
    concurrency: 2,
    housekeepingMs: 20,
    random: () => 0.5,
    events: { record: () => undefined },
    syncMetrics: createSyncMetrics(noMetrics),
    tracing: noTracing,
  });
  return controller;
}

const revisions = (t: Trial, name: string) => t.parts.cache.revisionsOfRepository('default', name).length;

test('what is left of repositories that went without being unregistered goes too', async () => {
  const t = await startTrial();
  trial = t;
  for (const name of ['before', 'while']) {
    await t.addRepository(name);
    await t.create(name, 'p', 'w');
    await t.mirrored(`${name}.p.w`);
  }
  const drop = (name: string) =>
    t.parts.store.commit({
      operations: [{ type: 'delete', key: { resource: repositories, namespace: 'default', name } }],
    });
  await drop('before');
  control(t).start();
  const leftovers = new Leftovers({ parts: t.parts, logger: t.parts.logger, contentMs: 20 });
  leftovers.start();
  await vi.waitFor(() => expect(revisions(t, 'before')).toBe(0), patience);
  await leftovers.close();
  expect(revisions(t, 'while')).toBe(1);
  await drop('while');
  await vi.waitFor(() => expect(revisions(t, 'while')).toBe(0), patience);
  expect(await t.git('while', 'for-each-ref', '--format=%(refname)', 'refs/heads/drafts')).toBe(
    'refs/heads/drafts/p/w',
  );
});

test('nothing of a repository that is gone is remembered', async () => {
  const t = await startTrial();
  trial = t;
  control(t).start();
  for (const name of ['stays', 'goes']) {
    await t.addRepository(name);
    await t.create(name, 'p', 'w');
    await t.mirrored(`${name}.p.w`);
  }
  const { queue, store } = t.parts;
  expect(queue.size).toBe(2);
  const key = { resource: repositories, namespace: 'default', name: 'goes' };
  await store.commit({ operations: [{ type: 'delete', key }] });
  await vi.waitFor(() => expect(queue.size).toBe(1), patience);
});

test('a repository that is gone is let go also where its revisions cannot be removed now', async () => {
  const t = await startTrial();
  trial = t;
  const { queue, store } = t.parts;
  let refused = 0;
  const failing: Store = Object.assign(Object.create(store), {
    commit: async (writeSet: WriteSet) => {
      const goes = writeSet.operations.find(({ type, key }) => type === 'delete' && key.resource === repositoryStates);
      if (goes === undefined) return store.commit(writeSet);
      refused++;
      throw new PreconditionFailedError(goes.key, 1, 2);
    },
  });
  control(t, failing).start();
  await t.addRepository('r');
  await t.create('r', 'p', 'w');
  await t.mirrored('r.p.w');
  await store.commit({
    operations: [{ type: 'delete', key: { resource: repositories, namespace: 'default', name: 'r' } }],
  });
  await vi.waitFor(() => expect(queue.size).toBe(0), patience);
  expect(refused).toBe(1);
});

test('a remote that never answers keeps no other repository from being looked after', async () => {
  const released = Promise.withResolvers<never>();
  let hangs = '';
  const t = await startTrial(
    'async',
    {},
    (mirror) =>
      new Proxy(mirror, {
        get(target, property, receiver) {
          if (property === 'lsRemote') {
            return (...args: Parameters<Mirror['lsRemote']>) =>
              args[0].url === hangs ? released.promise : target.lsRemote(...args);
          }
          const value: unknown = Reflect.get(target, property, receiver);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      }),
  );
  trial = t;
  const { cache, store } = t.parts;
  const intent = (name: string) => cache.state('default', `${name}.p.w`)?.value.intent;
  for (const name of ['first', 'second', 'third']) {
    const url = await t.addRepository(name);
    await t.create(name, 'p', 'w');
    await t.mirrored(`${name}.p.w`);
    const state = cache.state('default', `${name}.p.w`);
    if (state === undefined) throw new Error('no state');
    const push = { type: 'delete', updates: [], decisive: 'refs/heads/main', commit: null } as const;
    await store.commit({ operations: [putRecord(state.key, { ...state.value, intent: push }, state.revision)] });
    if (name === 'first') hangs = url;
  }
  try {
    control(t).start();
    await vi.waitFor(() => expect([intent('second'), intent('third')]).toEqual([undefined, undefined]), patience);
    expect(intent('first')).toBeDefined();
    await store.commit({
      operations: [{ type: 'delete', key: { resource: repositories, namespace: 'default', name: 'second' } }],
    });
    await vi.waitFor(() => expect(revisions(t, 'second')).toBe(0), patience);
  } finally {
    released.reject(new GitError('Timeout', 'no answer', 'wait'));
  }
});

test('a repository with drafts that Git never gets says what it waits for, and goes when they may be lost', async () => {
  const t = await startTrial('off');
  trial = t;
  await t.addRepository('r');
  await t.create('r', 'p', 'w');
  control(t).start();
  const object = () => t.parts.registrations.get('default', 'r');
  const change = (metadata: Partial<Repository['metadata']>) =>
    t.parts.registrations.update('default', 'r', (current) => ({
      ...current,
      metadata: { ...current.metadata, ...metadata },
    }));
  await vi.waitFor(() => expect(object()?.metadata.finalizers?.length).toBe(1), patience);
  await change({ deletionTimestamp: '2026-01-02T03:04:05Z' });
  await vi.waitFor(
    () =>
      expect(object()?.status?.conditions).toContainEqual(
        expect.objectContaining({ type: 'Unregistered', status: 'False', message: expect.stringContaining('r.p.w') }),
      ),
    patience,
  );
  expect(revisions(t, 'r')).toBe(1);
  await change({ annotations: { 'porch.kpt.dev/discard-drafts': 'true' } });
  await vi.waitFor(() => expect(object()).toBeUndefined(), patience);
  expect(revisions(t, 'r')).toBe(0);
});

test('of two registrations that conflict the later one waits, takes nothing on, and goes on when the first is gone', async () => {
  const t = await startTrial();
  trial = t;
  const repo = await t.addRepository('first');
  await t.addRepository('second', { repo, directory: 'inner' });
  const ready = (name: string) => {
    const object = t.parts.registrations.get('default', name);
    return object?.status?.conditions?.find(({ type }) => type === 'Ready');
  };
  control(t).start();
  await vi.waitFor(() => expect(ready('first')?.status).toBe('True'), patience);
  await vi.waitFor(
    () =>
      expect(ready('second')).toMatchObject({
        status: 'False',
        reason: 'RepositoryConflict',
        message: expect.stringContaining('Repository conflict with default/first, which was registered first'),
      }),
    patience,
  );
  await expect(t.create('second', 'p', 'w')).rejects.toMatchObject({
    code: 409,
    message: expect.stringContaining('repository "second" is not synchronised (RepositoryConflict: '),
  });
  await t.parts.store.commit({
    operations: [{ type: 'delete', key: { resource: repositories, namespace: 'default', name: 'first' } }],
  });
  await vi.waitFor(() => expect(ready('second')?.status).toBe('True'), patience);
  await t.create('second', 'p', 'w');
});

test('a repository that has nothing new to say is looked at again and again, and not copied', async () => {
  const t = await startTrial();
  trial = t;
  await t.addRepository('r');
  await t.create('r', 'p', 'w');
  await t.mirrored('r.p.w');
  let [looks, copies] = [0, 0];
  const registrations: typeof t.parts.registrations = {
    ...t.parts.registrations,
    get(namespace, name) {
      looks++;
      return t.parts.registrations.get(namespace, name);
    },
    update(namespace, name, change) {
      copies++;
      return t.parts.registrations.update(namespace, name, change);
    },
  };
  control(t, t.parts.store, { ...t.parts, registrations }).start();
  const isReady = () => t.parts.registrations.get('default', 'r')?.status?.packageCount === 1;
  await vi.waitFor(() => expect(isReady()).toBe(true), patience);
  // Whatever is still to be said is said by and by.
  await vi.waitFor(async () => {
    const [looksBefore, copiesBefore] = [looks, copies];
    await vi.waitFor(() => expect(looks).toBeGreaterThan(looksBefore + 4), patience);
    expect(copies).toBe(copiesBefore);
  }, patience);
});

test('looks again when it is asked to, when credentials change, and when a draft is in conflict or that is decided', async () => {
  const t = await startTrial();
  trial = t;
  const { parts } = t;
  const put = (name: string) => {
    const data = { username: '', password: '' };
    const metadata = { namespace: 'default', name, uid: name, annotations: { changed: String(changes++) } };
    const object = { apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/basic-auth', data };
    const key = { resource: secrets, namespace: 'default', name };
    return parts.store.commit({ operations: [{ type: 'put', key, uid: name, value: JSON.stringify(object) }] });
  };
  let changes = 0;
  await put('credentials');
  await t.addRepository('r', { secretRef: { name: 'credentials' } });
  await t.create('r', 'p', 'w');
  await t.publish('r.p.w');
  await t.create('r', 'q', 'w');
  await t.mirrored('r.q.w');
  // As the server writes it from the beginning: otherwise the first change of its status has it looked at once more.
  await parts.registrations.update('default', 'r', (current) => current);
  control(t).start();
  const conditions = () => parts.registrations.get('default', 'r')?.status?.conditions ?? [];
  const says = (type: string, status?: string) =>
    vi.waitFor(() => expect(conditions().find((one) => one.type === type)?.status).toBe(status), patience);
  await says('Ready', 'True');
  const reasons = [
    () => requestSync(parts, 'default', 'r', 'test'),
    () => put('credentials'),
    () => put('default-ca-bundle'),
  ];
  for (const [index, reason] of reasons.entries()) {
    await t.git('r', 'tag', `p/v${index + 7}`, 'main');
    await reason();
    await vi.waitFor(() => expect(t.get(`r.p.v${index + 7}`)).toBeDefined(), patience);
  }
  await parts.queue.hold('default', 'r', 'r.q.w', async () => {
    const theirs = await commitElsewhere(t, 'r', 'drafts/q/w', 'q/theirs.txt', 'theirs');
    await t.git('r', 'update-ref', 'refs/heads/drafts/q/w', theirs);
    await t.setFiles('r.q.w', (files) => {
      files['ours.txt'] = 'ours';
    });
  });
  await says('DraftConflict', 'True');
  await t.update('r.q.w', ({ metadata }) => {
    metadata.annotations = { [resolveDraftAnnotation]: 'ours' };
  });
  await says('DraftConflict');
  await vi.waitFor(() => expect(t.get('r.q.w')?.metadata.annotations).toBeUndefined(), patience);
});

test.each(['at once', 'while what is left of it is removed'])(
  'a repository that is registered again under its name, %s, is looked after again',
  async (when) => {
    const t = await startTrial();
    trial = t;
    const { cache, registrations, store } = t.parts;
    await t.addRepository('r');
    await t.create('r', 'p', 'w');
    await t.mirrored('r.p.w');
    control(t).start();
    const object = () => registrations.get('default', 'r');
    const isReady = (name = 'r') =>
      vi.waitFor(() => {
        const { conditions = [] } = registrations.get('default', name)?.status ?? {};
        expect(conditions.find(({ type }) => type === 'Ready')?.status).toBe('True');
      }, patience);
    await isReady();
    const { status: _, ...first } = object() ?? expect.fail('it is not registered');
    const key = { resource: repositories, namespace: 'default', name: 'r' };
    const again = encodeObject({ ...first, metadata: { name: 'r', namespace: 'default', uid: 'again' } });
    const remove = () => store.commit({ operations: [{ type: 'delete', key }] });
    const register = () => store.commit({ operations: [{ type: 'put', key, uid: 'again', value: again }] });
    if (when === 'at once') await Promise.all([remove(), register()]);
    else {
      // That takes as long as another repository needs to be ready.
      await t.parts.packageMutexes.run(
        writeMutex({ namespace: 'default', repository: 'r', packageName: 'p' }),
        async () => {
          await remove();
          await vi.waitFor(() => expect(cache.isRepositoryRead('default', 'r')).toBe(false), patience);
          await register();
          await t.addRepository('s');
          await isReady('s');
        },
      );
    }
    await isReady();
    expect(object()?.metadata.uid).toBe('again');
    expect(t.get('r.p.w')?.spec.lifecycle).toBe('Draft');
    await t.setFiles('r.p.w', (files) => {
      files['new.txt'] = 'new';
    });
    await t.mirrored('r.p.w');
  },
);

import { noMetrics, noTracing, type Store } from '@porch/apiserver';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { putRecord, revisionLocks } from '../cache/records.ts';
import { UpstreamIndex } from '../cache/upstream-index.ts';
import { createEngine } from '../engine/engine.ts';
import { startTrial, type Trial } from '../engine/trial.test-support.ts';
import type { Engine } from '../engine/types.ts';
import type { Mirror } from '../git/types.ts';
import { porchApiVersion } from '../resources/group.ts';
import { MirrorQueue } from './mirror-queue.ts';

const write = { dryRun: false, fieldManager: 'test' };

type Moment = 'its commits are made' | 'its beginning is written down';

let trial: Trial;
/** Another server on the same store, which leaves pushes to this one. */
let other: MirrorQueue;
let elsewhere: Engine;
/** What that one does, once, at a moment of the next push. */
let meanwhile: { readonly when: Moment; readonly work: () => Promise<unknown> } | undefined;

async function at(moment: Moment): Promise<void> {
  if (meanwhile?.when !== moment) return;
  const { work } = meanwhile;
  meanwhile = undefined;
  await work();
}

function interrupted(mirror: Mirror): Mirror {
  const writeCommits: Mirror['writeCommits'] = async (commits) => {
    await at('its commits are made');
    return mirror.writeCommits(commits);
  };
  return new Proxy(mirror, {
    get(target, property) {
      if (property === 'writeCommits') return writeCommits;
      const value: unknown = Reflect.get(target, property);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

beforeEach(async () => {
  meanwhile = undefined;
  trial = await startTrial('async', {}, interrupted);
  const { parts } = trial;
  other = new MirrorQueue({
    ...parts,
    mode: parts.pushDrafts,
    locks: parts.revisionLocks,
    metrics: noMetrics,
    tracing: noTracing,
    gatherMs: 5,
    retryMs: { first: 20, most: 200 },
    ownership: { sole: false, claim: () => ({ release: async () => undefined }), isElsewhere: () => true },
  });
  elsewhere = createEngine({ ...parts, queue: other }, new UpstreamIndex(parts.cache.objects));
  await trial.addRepository('r');
  await trial.create('r', 'p', 'w');
  await trial.mirrored('r.p.w');
  const commit: Store['commit'] = async (writeSet, options) => {
    const isBeginning = writeSet.operations.some(
      (operation) => 'value' in operation && /"pushing"/.test(operation.value),
    );
    if (isBeginning) await at('its beginning is written down');
    return parts.store.commit(writeSet, options);
  };
  parts.queue.activate('default', 'r', Object.assign(Object.create(parts.store), { commit }));
});

afterEach(async () => {
  await other.close();
  await trial.close();
});

const addFile = () =>
  trial.setFiles('r.p.w', (files) => {
    files['new.txt'] = 'new';
  });

/** Changes the draft, and has something done while that is brought to Git. */
async function changeWhile(
  when: Moment,
  work: () => Promise<unknown>,
  change: () => Promise<unknown> = addFile,
): Promise<void> {
  await trial.parts.queue.hold('default', 'r', 'r.p.w', async () => {
    await change();
    meanwhile = { when, work };
  });
  await expect.poll(() => trial.parts.queue.backlog('default', 'r').waiting).toBe(0);
  expect(meanwhile).toBeUndefined();
}

const remove = () => elsewhere.deletePackageRevision(trial.context, 'r.p.w', write);

async function makeAnew(): Promise<void> {
  await remove();
  const metadata = { namespace: 'default' };
  const spec = { repository: 'r', packageName: 'p', workspaceName: 'w', lifecycle: 'Draft' } as const;
  const object = { apiVersion: porchApiVersion, kind: 'PackageRevision', metadata, spec, status: {} };
  await elsewhere.createPackageRevision(trial.context, object, write);
}

const moments: readonly Moment[] = ['its commits are made', 'its beginning is written down'];

test.each(moments)('a draft that another server deletes while a push of it begins, when %s, is gone', async (when) => {
  await changeWhile(when, remove);
  expect(await trial.references('r')).toEqual(['refs/heads/main']);
  await trial.sync('r');
  expect(trial.get('r.p.w')).toBeUndefined();
  await expect.poll(() => other.backlog('default', 'r').waiting).toBe(0);
});

test('a draft that another server deletes while the push of its proposal begins is gone', async () => {
  await changeWhile('its beginning is written down', remove, () => trial.setLifecycle('r.p.w', 'Proposed'));
  expect(await trial.references('r')).toEqual(['refs/heads/main']);
  await trial.sync('r');
  expect(trial.get('r.p.w')).toBeUndefined();
});

test('a draft that another server makes anew while the first push of the former begins is in Git', async () => {
  const { queue } = trial.parts;
  await remove();
  await expect.poll(() => trial.references('r')).toEqual(['refs/heads/main']);
  await expect.poll(() => queue.backlog('default', 'r').waiting).toBe(0);
  const former = { type: 'init', init: { description: 'the former one' } } as const;
  await changeWhile('its beginning is written down', makeAnew, () => trial.create('r', 'p', 'w', former));
  // Between the two nothing waits.
  await expect.poll(() => trial.references('r')).toContain('refs/heads/drafts/p/w');
  await trial.mirrored('r.p.w');
  expect(await trial.git('r', 'show', 'drafts/p/w:p/Kptfile')).not.toContain('the former one');
  expect((await trial.git('r', 'log', '--format=%s', 'drafts/p/w')).split('\n')).toHaveLength(2);
  expect(await trial.sync('r')).toMatchObject({ changed: 0, conflicts: [] });
});

test('what became of a push is found out while another server writes the draft, and waits for that', async () => {
  const { cache, queue, revisionLocks: locks, store } = trial.parts;
  locks.heldElsewhere = () => true;
  const state = cache.state('default', 'r.p.w');
  if (state === undefined) expect.fail('it has no state');
  const pushing = state.value.refs;
  await store.commit({ operations: [putRecord(state.key, { ...state.value, pushing }, state.revision)] });
  queue.retry('default', 'r');
  await expect.poll(() => cache.state('default', 'r.p.w')?.value.pushing).toBeUndefined();
  expect(cache.state('default', 'r.p.w')?.value.refs).toEqual(pushing);
});

test.each(moments)(
  'a draft that another server makes anew while a push of the former begins, when %s, is in Git',
  async (when) => {
    await changeWhile(when, makeAnew);
    expect(await trial.git('r', 'ls-tree', '--name-only', 'drafts/p/w:p')).not.toContain('new.txt');
    expect(await trial.sync('r')).toMatchObject({ changed: 0, conflicts: [] });
  },
);

test.each(moments)(
  'a draft that another server begins to write, when %s, is pushed when that is done',
  async (when) => {
    const { cache, queue, revisionLocks: locks, store } = trial.parts;
    const lock = { resource: revisionLocks, namespace: 'default', name: 'r.p.w' };
    locks.heldElsewhere = () => cache.objects.get(lock) !== undefined;
    locks.notElsewhere = () => [{ key: lock, revision: cache.objects.get(lock)?.revision ?? 0 }];
    await queue.hold('default', 'r', 'r.p.w', async () => {
      await trial.setFiles('r.p.w', (files) => {
        files['new.txt'] = 'new';
      });
      meanwhile = { when, work: () => store.commit({ operations: [putRecord(lock, { holder: 'other' })] }) };
    });
    await expect.poll(() => meanwhile).toBeUndefined();
    await queue.deactivate('default', 'r');
    expect(cache.state('default', 'r.p.w')?.value).toMatchObject({ pending: [{}] });
    expect(cache.state('default', 'r.p.w')?.value.pushing).toBeUndefined();
    expect(await trial.git('r', 'ls-tree', '--name-only', 'drafts/p/w:p')).not.toContain('new.txt');
    queue.activate('default', 'r', store);
    await store.commit({ operations: [{ type: 'delete', key: lock }] });
    await trial.mirrored('r.p.w');
    expect(await trial.git('r', 'ls-tree', '--name-only', 'drafts/p/w:p')).toContain('new.txt');
  },
);

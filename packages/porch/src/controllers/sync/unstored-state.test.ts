import type { Store } from '@porch/apiserver';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Remote } from '../../../../../e2e/harness/remote.ts';
import { timeOf } from '../../cache/clock.ts';
import { planPackageWrites } from '../../cache/package-writes.ts';
import { putRecord } from '../../cache/records.ts';
import { stateKey } from '../../cache/revision-cache.ts';
import { type Interference, startTrial, type Trial } from '../../engine/trial.test-support.ts';
import { unregisterRepository } from '../unregister.ts';
import { applyDifferences } from './apply.ts';
import { KptfileSummaries } from './kptfile-summaries.ts';

let trial: Trial;
/** Is done once, before a mirror next says whether it has an object. */
let beforeHas: (() => Promise<void>) | undefined;

const interference: Interference = (mirror) => ({
  ...mirror,
  async has(id) {
    const first = beforeHas;
    beforeHas = undefined;
    await first?.();
    return mirror.has(id);
  },
});

beforeAll(async () => {
  trial = await startTrial('async', {}, interference);
});

afterEach(() => {
  beforeHas = undefined;
});

afterAll(() => trial?.close());

const kptfile = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n';

/** A repository with a package that somebody else has published: `p/v1` is a tag by itself, `p/v2` an object. */
async function publishedElsewhere(): Promise<{ readonly r: string; readonly commit: string }> {
  const r = await trial.newRepository();
  const commit = await new Remote(trial.gitServer.directory(r)).push(
    'main',
    { 'p/Kptfile': kptfile },
    { tags: ['p/v1'] },
  );
  await trial.git(r, '-c', 'user.name=a', '-c', 'user.email=a@example.com', 'tag', '-a', '-m', 'two', 'p/v2', 'main');
  await trial.sync(r);
  return { r, commit };
}

const stored = (name: string) => trial.parts.cache.isStateStored('default', name);
const state = (name: string) => trial.parts.cache.state('default', name)?.value;

test('what a published revision says by itself is not stored, and is its state all the same', async () => {
  const { r, commit } = await publishedElsewhere();
  expect([stored(`${r}.p.v1`), stored(`${r}.p.v2`), stored(`${r}.p.main`)]).toEqual([false, true, false]);
  const at = { repository: r, path: 'p', tip: commit, base: null, pending: [] };
  expect(state(`${r}.p.v1`)).toEqual({ ...at, refs: { 'refs/tags/p/v1': commit } });
  expect(state(`${r}.p.v2`)).toEqual({ ...at, refs: { 'refs/tags/p/v2': await trial.git(r, 'rev-parse', 'p/v2') } });
  const names = trial.parts.cache.statesOfRepository('default', r).map(({ key }) => key.name);
  expect(names.sort()).toEqual([`${r}.p.main`, `${r}.p.v1`, `${r}.p.v2`]);
  expect((await trial.sync(r)).changed).toBe(0);
  trial.restartSync(r);
  await trial.git(r, 'tag', 'other', 'main');
  expect((await trial.sync(r)).changed).toBe(0);
});

test('its deletion can be proposed, taken back, proposed again, and done', async () => {
  const { r } = await publishedElsewhere();
  const name = `${r}.p.v1`;
  const before = await trial.references(r);
  for (const lifecycle of ['DeletionProposed', 'Published', 'DeletionProposed']) {
    await trial.setLifecycle(name, lifecycle);
    await trial.mirrored(name);
    const branches = lifecycle === 'Published' ? [] : ['refs/heads/deletionProposed/p/v1'];
    expect(await trial.references(r)).toEqual([...branches, ...before].sort());
    expect((await trial.sync(r)).changed).toBe(0);
  }
  await trial.remove(name);
  expect(await trial.references(r)).toEqual(before.filter((ref) => ref !== 'refs/tags/p/v1'));
  expect([trial.get(name), state(name)]).toEqual([undefined, undefined]);
});

test('a proposal of its deletion that no process has brought to Git is found by the next one', async () => {
  const { r } = await publishedElsewhere();
  const name = `${r}.p.v1`;
  const { queue, cache } = trial.parts;
  const left = () => [...cache.statesToLookAt()].map(({ key }) => key.name);
  expect(left()).not.toContain(name);
  await queue.hold('default', r, name, async () => {
    await trial.setLifecycle(name, 'DeletionProposed');
    expect(left()).toContain(name);
  });
});

test('a tag that somebody moves is followed, and its new place is stored', async () => {
  const { r, commit } = await publishedElsewhere();
  const name = `${r}.p.v1`;
  const next = await trial.git(r, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit-tree', 'main^{tree}', '-m', 'n');
  await trial.git(r, 'tag', '--force', 'p/v1', next);
  expect((await trial.sync(r)).changed).toBe(1);
  expect(trial.get(name)?.status.selfLock?.git?.commit).toBe(next);
  expect([stored(name), state(name)?.tip, next === commit]).toEqual([true, next, false]);
  await trial.setLifecycle(name, 'DeletionProposed');
  await trial.remove(name);
  expect(await trial.references(r)).not.toContain('refs/tags/p/v1');
});

test('it goes with its repository, and with its tag', async () => {
  const { r } = await publishedElsewhere();
  await trial.git(r, 'tag', '--delete', 'p/v1');
  expect((await trial.sync(r)).changed).toBe(1);
  expect([trial.get(`${r}.p.v1`), state(`${r}.p.v1`)]).toEqual([undefined, undefined]);
  await trial.git(r, 'tag', 'p/v1', 'main');
  expect((await trial.sync(r)).changed).toBe(1);
  expect(stored(`${r}.p.v1`)).toBe(false);
  await unregisterRepository(trial.parts, 'default', r, { discardDrafts: false });
  expect(trial.parts.cache.statesOfRepository('default', r)).toEqual([]);
});

/** Somebody deletes the tag, and the next synchronisation finds that. */
async function goesFromGit(r: string): Promise<void> {
  await trial.git(r, 'tag', '--delete', 'p/v1');
  await trial.sync(r);
}

test('one that goes while its deletion is brought to Git leaves nothing that is in the way when it comes back', async () => {
  const { r } = await publishedElsewhere();
  const name = `${r}.p.v1`;
  const gone = Promise.withResolvers<void>();
  beforeHas = () => goesFromGit(r).then(gone.resolve, gone.reject);
  await trial.setLifecycle(name, 'DeletionProposed');
  await gone.promise;
  await expect.poll(() => trial.parts.queue.backlog('default', r).waiting).toBe(0);
  expect([trial.get(name), stored(name)]).toEqual([undefined, false]);
  await trial.git(r, 'tag', 'p/v1', 'main');
  await trial.sync(r);
  expect(trial.get(name)?.spec.lifecycle).toBe('Published');
});

/** Runs `work` with a store that has something else done once, just before the first write whose text has the words. */
async function withSomethingBefore(words: string, other: () => Promise<unknown>, work: () => Promise<void>) {
  const { store } = trial.parts;
  let done = false;
  const commit: Store['commit'] = async (writeSet, options) => {
    if (!done && writeSet.operations.some((one) => one.type === 'put' && one.value.includes(words))) {
      done = true;
      await other();
    }
    return store.commit(writeSet, options);
  };
  const between = new Proxy(store, {
    get: (target, member) => (member === 'commit' ? commit : Reflect.get(target, member, target)),
  });
  Object.assign(trial.parts, { store: between });
  try {
    await work();
  } finally {
    Object.assign(trial.parts, { store });
  }
  expect(done).toBe(true);
}

test('one that goes just before its deletion is written down is refused, and holds up nobody', async () => {
  const { r } = await publishedElsewhere();
  const name = `${r}.p.v1`;
  await trial.setLifecycle(name, 'DeletionProposed');
  await withSomethingBefore(
    '"intent":{',
    () => goesFromGit(r),
    () => expect(trial.remove(name)).rejects.toMatchObject({ code: 404 }),
  );
  expect([trial.get(name), stored(name)]).toEqual([undefined, false]);
});

test('one that another process removes before a late push of its is written down is left for the next round', async () => {
  const { r, commit } = await publishedElsewhere();
  const name = `${r}.p.v1`;
  const { parts } = trial;
  const refs = { 'refs/tags/p/v1': commit, 'refs/heads/drafts/p/late': commit };
  const tagged = { packageName: 'p', path: 'p', workspaceName: 'v1', revision: 1, lifecycle: 'Published' as const };
  const found = { ...tagged, ref: 'refs/tags/p/v1', refs, commit, tree: commit, kptfile: commit, tasks: [] };
  const git = await parts.repositories.open('default', r);
  const apply = () =>
    applyDifferences(parts, git, [{ type: 'late-push', name, packageName: 'p', found }], {
      asOf: parts.cache.revision,
      summaries: new KptfileSummaries(parts, git.mirror),
      signal: trial.context.signal,
    });
  const expected = parts.cache.packageRevision('default', name)?.revision ?? 0;
  const gone = { namespace: 'default', name, object: null, expected, state: null, expectedState: 0 };
  const place = { namespace: 'default', repository: r, packageName: 'p' };
  const { store } = parts;
  await withSomethingBefore(
    'refs/heads/drafts/p/late',
    () => store.commit({ operations: planPackageWrites(parts.cache, place, [gone], timeOf(parts.clock)) }),
    async () => expect(await apply()).toBe(1),
  );
  expect([trial.get(name), stored(name)]).toEqual([undefined, false]);
});

test('one that goes is forgotten by the queue of a process that does not look after its repository', async () => {
  const { r } = await publishedElsewhere();
  const { queue } = trial.parts;
  await queue.hold('default', r, 'none', async () => undefined);
  await queue.deactivate('default', r);
  await trial.setLifecycle(`${r}.p.v1`, 'DeletionProposed');
  expect(queue.backlog('default', r).waiting).toBe(1);
  await goesFromGit(r);
  expect(queue.backlog('default', r).waiting).toBe(0);
});

test('a record that belongs to nothing is not taken for what is there', async () => {
  const { r, commit } = await publishedElsewhere();
  const name = `${r}.p.v1`;
  await goesFromGit(r);
  const left = { repository: r, path: 'p', refs: { 'refs/tags/p/v1': commit }, tip: commit, base: null, pending: [] };
  const key = stateKey('default', name);
  await trial.parts.store.commit({ operations: [putRecord(key, left)] });
  await trial.git(r, 'tag', 'p/v1', 'main');
  expect((await trial.sync(r)).left).toBe(1);
  await trial.parts.store.commit({ operations: [{ type: 'delete', key }] });
  expect((await trial.sync(r)).left).toBe(0);
  expect(trial.get(name)?.spec.lifecycle).toBe('Published');
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { plainGit } from '../../../../../e2e/harness/git-command.ts';
import { startTrial, type Trial } from '../../engine/trial.test-support.ts';

let trial: Trial;

beforeAll(async () => {
  trial = await startTrial();
});

afterAll(() => trial?.close());

const kptfile = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n';

/** A repository with a package that somebody else has published: `p/v1` is a tag by itself, `p/v2` an object. */
async function publishedElsewhere(): Promise<{ readonly r: string; readonly commit: string }> {
  const r = await trial.newRepository();
  const directory = trial.gitServer.directory(r);
  await plainGit(directory, ['fast-import', '--quiet'], {
    input: `commit refs/heads/main\ncommitter A <a@example.com> 1700000000 +0000\ndata 1\nx\nfrom refs/heads/main^0\nM 100644 inline p/Kptfile\ndata ${kptfile.length}\n${kptfile}\n`,
  });
  await trial.git(r, 'tag', 'p/v1', 'main');
  await trial.git(r, '-c', 'user.name=a', '-c', 'user.email=a@example.com', 'tag', '-a', '-m', 'two', 'p/v2', 'main');
  await trial.sync(r);
  return { r, commit: await trial.git(r, 'rev-parse', 'main') };
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
  const { unregisterRepository } = await import('../unregister.ts');
  await unregisterRepository(trial.parts, 'default', r, { discardDrafts: false });
  expect(trial.parts.cache.statesOfRepository('default', r)).toEqual([]);
});

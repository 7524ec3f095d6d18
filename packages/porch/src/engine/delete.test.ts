import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { putRecord } from '../cache/records.ts';
import { startTrial, type Trial } from './trial.test-support.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(() => trial?.close());

/** Publishes `up.v1`, and makes a draft `down.v1` of it. */
async function createCloned(repository: string): Promise<void> {
  const name = `${repository}.up.v1`;
  await trial.create(repository, 'up', 'v1');
  await trial.publish(name);
  await trial.create(repository, 'down', 'v1', { type: 'clone', clone: { upstreamRef: { upstreamRef: { name } } } });
}

describe('deleting', () => {
  test('a draft goes with its branch', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'w');
    await trial.mirrored(`${r}.p.w`);
    await trial.remove(`${r}.p.w`);
    expect(trial.get(`${r}.p.w`)).toBeUndefined();
    await trial.mirrored(`${r}.p.w`);
    expect(await trial.references(r)).toEqual(['refs/heads/main']);
    expect((await trial.sync(r)).revisions).toBe(0);
  });

  test('a draft can be made again under the same name, with another UID', async () => {
    const r = await trial.newRepository();
    const first = await trial.create(r, 'p', 'w');
    await trial.mirrored(`${r}.p.w`);
    await trial.remove(`${r}.p.w`);
    const second = await trial.create(r, 'p', 'w');
    expect(second.metadata.uid).not.toBe(first.metadata.uid);
    await trial.mirrored(`${r}.p.w`);
    expect(await trial.git(r, 'rev-list', '--count', 'drafts/p/w')).toBe('2');
  });

  test('another object than the one that is meant is a conflict, whatever its state', async () => {
    const r = await trial.newRepository();
    const name = `${r}.p.w`;
    await trial.create(r, 'p', 'w');
    await trial.publish(name);
    const remove = (preconditions: object) =>
      trial.engine.deletePackageRevision(trial.context, name, { dryRun: false, fieldManager: 'test', preconditions });
    await expect(remove({ uid: 'of-another' })).rejects.toMatchObject({
      code: 409,
      message: expect.stringContaining('Precondition failed: UID in precondition: of-another, UID in object meta: '),
    });
    await expect(remove({ resourceVersion: '1' })).rejects.toMatchObject({ code: 409 });
    await expect(remove({ uid: trial.get(name)?.metadata.uid })).rejects.toMatchObject({ code: 403 });
  });

  test.each(['a draft', 'a published revision'])(
    '%s that others are cloned from while its deletion waits for its turn stays',
    async (kind) => {
      const r = await trial.newRepository();
      const name = `${r}.up.v1`;
      await trial.create(r, 'up', 'v1');
      if (kind !== 'a draft') {
        await trial.publish(name);
        await trial.setLifecycle(name, 'DeletionProposed');
      }
      await trial.mirrored(name);
      const references = await trial.references(r);
      const removed = await trial.parts.packageMutexes.run(`serial:default/${r}/up`, async () => {
        const removal = Promise.allSettled([trial.remove(name)]);
        await trial.create(r, 'down', 'v1', { type: 'clone', clone: { upstreamRef: { upstreamRef: { name } } } });
        return { removal };
      });
      expect(await removed.removal).toMatchObject([
        { status: 'rejected', reason: { code: 403, message: expect.stringContaining(`by: ${r}.down.v1`) } },
      ]);
      expect(trial.get(name)).toBeDefined();
      await trial.mirrored(`${r}.down.v1`);
      expect(await trial.references(r)).toEqual(['refs/heads/drafts/down/v1', ...references].sort());
      expect(await trial.settle()).toBe(0);
    },
  );

  test('a published revision goes with the branch that proposes its deletion, also where nobody knows whether that was pushed', async () => {
    const r = await trial.newRepository();
    const name = `${r}.p.w`;
    await trial.create(r, 'p', 'w');
    await trial.publish(name);
    await trial.setLifecycle(name, 'DeletionProposed');
    await trial.mirrored(name);
    const { cache, queue, store } = trial.parts;
    await queue.deactivate('default', r);
    const state = cache.state('default', name);
    if (state === undefined) throw new Error('it has a state');
    const { 'refs/heads/deletionProposed/p/v1': proposal = null, ...refs } = state.value.refs;
    expect(proposal).not.toBeNull();
    const pushing = { 'refs/heads/deletionProposed/p/v1': proposal };
    await store.commit({ operations: [putRecord(state.key, { ...state.value, refs, pushing }, state.revision)] });
    await trial.remove(name);
    expect(await trial.references(r)).toEqual(['refs/heads/main']);
  });

  test('what others were cloned from stays', async () => {
    const r = await trial.newRepository();
    await createCloned(r);
    await trial.setLifecycle(`${r}.up.v1`, 'DeletionProposed');
    await expect(trial.remove(`${r}.up.v1`)).rejects.toMatchObject({
      code: 403,
      message: expect.stringContaining(`referenced as upstream by: ${r}.down.v1`),
    });
  });

  test('nobody may begin to name what waits for its finalizers', async () => {
    const r = await trial.newRepository();
    await createCloned(r);
    await trial.publish(`${r}.down.v1`);
    await trial.create(r, 'up', 'v2', { type: 'edit', edit: { sourceRef: { name: `${r}.up.v1` } } });
    await trial.publish(`${r}.up.v2`);
    await trial.update(`${r}.up.v2`, (object) => void (object.metadata.finalizers = ['example.com/held']));
    await trial.setLifecycle(`${r}.up.v2`, 'DeletionProposed');
    await trial.remove(`${r}.up.v2`);
    const refused = { code: 400, message: expect.stringContaining(`"${r}.up.v2": it is being deleted`) };
    const clone = { upstreamRef: { upstreamRef: { name: `${r}.up.v2` } } };
    await expect(trial.create(r, 'other', 'v1', { type: 'clone', clone })).rejects.toMatchObject(refused);
    const upgrade = {
      oldUpstreamRef: { name: `${r}.up.v1` },
      newUpstreamRef: { name: `${r}.up.v2` },
      localPackageRevisionRef: { name: `${r}.down.v1` },
    };
    await expect(trial.create(r, 'down', 'v2', { type: 'upgrade', upgrade })).rejects.toMatchObject(refused);
  });

  test('what goes while it is cloned is not cloned', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'up', 'v1');
    await trial.publish(`${r}.up.v1`);
    await trial.setLifecycle(`${r}.up.v1`, 'DeletionProposed');
    const { workers } = trial.parts;
    const run = workers.run.bind(workers);
    vi.spyOn(workers, 'run').mockImplementationOnce(async (...job) => {
      await trial.remove(`${r}.up.v1`);
      return run(...job);
    });
    const clone = { upstreamRef: { upstreamRef: { name: `${r}.up.v1` } } };
    await expect(trial.create(r, 'down', 'v1', { type: 'clone', clone })).rejects.toMatchObject({
      code: 400,
      message: expect.stringContaining(`"${r}.up.v1": there is no such package revision`),
    });
    vi.restoreAllMocks();
    expect(trial.get(`${r}.down.v1`)).toBeUndefined();
  });

  test('of many that were cloned from it some are named, and the others counted', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'up', 'v1');
    await trial.publish(`${r}.up.v1`);
    for (let n = 10; n < 22; n++) {
      const upstreamRef = { upstreamRef: { name: `${r}.up.v1` } };
      await trial.create(r, `down-${n}`, 'v1', { type: 'clone', clone: { upstreamRef } });
    }
    await trial.setLifecycle(`${r}.up.v1`, 'DeletionProposed');
    await expect(trial.remove(`${r}.up.v1`)).rejects.toMatchObject({
      code: 403,
      message: expect.stringMatching(/as upstream by: (\S+, ){9}\S+\.down-19\.v1 and 2 more$/),
    });
  });

  test('the placeholder takes the package off the branch', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'v1');
    await trial.publish(`${r}.p.v1`);
    await trial.setLifecycle(`${r}.p.main`, 'DeletionProposed');
    await trial.mirrored(`${r}.p.main`);
    expect(await trial.references(r)).toContain('refs/heads/deletionProposed/p/main');
    await trial.remove(`${r}.p.main`);
    expect(await trial.references(r)).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
    expect(await trial.git(r, 'ls-tree', 'main')).toBe('');
    expect(await trial.git(r, 'log', '-1', '--format=%s', 'main')).toBe('Delete p');
    const known = trial.parts.cache.repositoryState('default', r)?.value.head;
    expect(known).toBe(await trial.git(r, 'rev-parse', 'main'));
  });

  test('a package that somebody has taken off the branch already leaves neither a commit nor the proposal', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'v1');
    await trial.publish(`${r}.p.v1`);
    await trial.setLifecycle(`${r}.p.main`, 'DeletionProposed');
    await trial.mirrored(`${r}.p.main`);
    const removal = await trial.git(r, 'commit-tree', 'main^1^{tree}', '-p', 'main', '-m', 'Remove the package');
    await trial.git(r, 'update-ref', 'refs/heads/main', removal);
    await trial.remove(`${r}.p.main`);
    expect(trial.get(`${r}.p.main`)).toBeUndefined();
    expect(await trial.references(r)).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
    expect(await trial.git(r, 'rev-parse', 'main')).toBe(removal);
  });

  test('a package goes from a branch that was rewritten, also where the mirror is new', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'v1');
    await trial.publish(`${r}.p.v1`);
    await trial.setLifecycle(`${r}.p.main`, 'DeletionProposed');
    await trial.mirrored(`${r}.p.main`);
    const elsewhere = await trial.git(r, 'commit-tree', 'main^{tree}', '-p', 'main', '-m', 'Elsewhere');
    await trial.git(r, 'update-ref', 'refs/heads/main', elsewhere);
    await trial.sync(r);
    await trial.git(r, 'update-ref', 'refs/heads/main', 'main^1');
    await trial.mirrors.removeUnused({ needed: [], unusedMs: -1, most: 99 });
    await trial.remove(`${r}.p.main`);
    expect(await trial.git(r, 'ls-tree', 'main')).toBe('');
    expect(await trial.git(r, 'log', '--format=%s', 'main')).not.toContain('Elsewhere');
  });

  test('a tag that is named after the branch goes when it is what the revision shows', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'v1');
    await trial.publish(`${r}.p.v1`);
    await trial.git(r, 'tag', 'p/main', 'main');
    const removal = await trial.git(r, 'commit-tree', 'main^1^{tree}', '-p', 'main', '-m', 'Remove the package');
    await trial.git(r, 'update-ref', 'refs/heads/main', removal);
    await trial.sync(r);
    expect(trial.get(`${r}.p.main`)?.status.selfLock?.git?.ref).toBe('p/main');
    await trial.setLifecycle(`${r}.p.main`, 'DeletionProposed');
    await trial.mirrored(`${r}.p.main`);
    await trial.remove(`${r}.p.main`);
    expect(await trial.references(r)).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
  });

  test('a revision whose tag somebody has removed already leaves no proposal of its deletion', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'v1');
    await trial.publish(`${r}.p.v1`);
    await trial.setLifecycle(`${r}.p.v1`, 'DeletionProposed');
    await trial.mirrored(`${r}.p.v1`);
    await trial.git(r, 'tag', '-d', 'p/v1');
    await trial.remove(`${r}.p.v1`);
    expect(trial.get(`${r}.p.v1`)).toBeUndefined();
    expect(await trial.references(r)).toEqual(['refs/heads/main']);
  });

  test('a revision whose proposed deletion somebody has withdrawn in Git stays', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'v1');
    await trial.publish(`${r}.p.v1`);
    await trial.setLifecycle(`${r}.p.v1`, 'DeletionProposed');
    await trial.mirrored(`${r}.p.v1`);
    await trial.git(r, 'branch', '-D', 'deletionProposed/p/v1');
    await expect(trial.remove(`${r}.p.v1`)).rejects.toMatchObject({ code: 409 });
    await trial.sync(r);
    expect(trial.get(`${r}.p.v1`)?.spec.lifecycle).toBe('Published');
  });

  test('finalizers keep the object until they are gone', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'w');
    await trial.update(`${r}.p.w`, (object) => {
      object.metadata.finalizers = ['example.com/hold'];
    });
    await trial.remove(`${r}.p.w`);
    expect(trial.get(`${r}.p.w`)?.metadata.deletionTimestamp).toBeDefined();
    await expect(trial.publish(`${r}.p.w`)).rejects.toMatchObject({
      code: 403,
      message: expect.stringContaining('it is being deleted'),
    });
    await expect(trial.create(r, 'p', 'w')).rejects.toMatchObject({
      status: {
        reason: 'AlreadyExists',
        message: expect.stringMatching(/^object is being deleted: package revision w/),
      },
    });
    const last = await trial.update(`${r}.p.w`, (object) => {
      object.metadata.finalizers = [];
    });
    expect(last.metadata.finalizers ?? []).toEqual([]);
    expect(last.metadata.deletionTimestamp).toBeDefined();
    expect(trial.get(`${r}.p.w`)).toBeUndefined();
  });

  test('nothing is made in a repository that is going, and why is said', async () => {
    const r = await trial.newRepository();
    await trial.parts.registrations.update('default', r, (current) => ({
      ...current,
      metadata: { ...current.metadata, deletionTimestamp: '2026-01-02T03:04:05Z', finalizers: ['example.com/hold'] },
    }));
    await expect(trial.create(r, 'p', 'w')).rejects.toMatchObject({
      status: { code: 404, message: expect.stringMatching(/" not found: it is being deleted$/) },
    });
  });

  test('a write that rejects the deletion and takes away what has held it leaves the tag in Git', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'v1');
    await trial.publish(`${r}.p.v1`);
    await trial.update(`${r}.p.v1`, (object) => {
      object.metadata.finalizers = ['example.com/hold'];
      object.spec.lifecycle = 'DeletionProposed';
    });
    await trial.mirrored(`${r}.p.v1`);
    await trial.remove(`${r}.p.v1`);
    await trial.update(`${r}.p.v1`, (object) => {
      object.metadata.finalizers = [];
      object.spec.lifecycle = 'Published';
    });
    const references = await trial.references(r);
    expect(references).toContain('refs/tags/p/v1');
    expect(references.filter((ref) => ref.includes('deletionProposed'))).toEqual([]);
    await trial.sync(r);
    expect(trial.get(`${r}.p.v1`)?.metadata.deletionTimestamp).toBeUndefined();
    expect(trial.get(`${r}.p.v1`)?.spec.lifecycle).toBe('Published');
  });
});

import { type Store, toTime } from '@porch/apiserver';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UpstreamIndex } from '../cache/upstream-index.ts';
import { configApiVersion, packageRevisions, porchApiVersion, repositories } from '../resources/group.ts';
import { createEngine } from './engine.ts';
import { startTrial, type Trial } from './trial.test-support.ts';

let trial: Trial;

beforeAll(async () => {
  trial = await startTrial();
  await trial.addRepository('r');
});

afterAll(() => trial?.close());

test("a workspace named like the branch is refused: that name is the placeholder's", async () => {
  await expect(trial.create('r', 'named', 'main')).rejects.toMatchObject({
    code: 400,
    message: expect.stringContaining('spec.workspaceName: Invalid value: "main": it is the name of the branch'),
  });
});

test('a package that could never be published is refused at once', async () => {
  await trial.addRepository('spaced', { directory: 'my packages' });
  await expect(trial.create('spaced', 'p', 'w')).rejects.toMatchObject({
    code: 400,
    message: expect.stringContaining('its directory "my packages" cannot be part of the name of a branch or tag'),
  });
});

test('a draft that others have named so can be published, and then takes the name', async () => {
  await trial.create('r', 'theirs', 'w');
  await trial.mirrored('r.theirs.w');
  await trial.git('r', 'update-ref', 'refs/heads/drafts/theirs/main', 'refs/heads/drafts/theirs/w');
  await trial.sync('r');
  expect((await trial.publish('r.theirs.main')).spec).toMatchObject({ revision: 1, lifecycle: 'Published' });
  const published = trial.get('r.theirs.main');
  expect((await trial.sync('r')).changed).toBe(0);
  expect(trial.get('r.theirs.main')).toEqual(published);
});

test('a repository that has just been registered is waited for', async () => {
  const { parts, gitServer } = trial;
  const name = 'late';
  const git = { repo: await gitServer.createRepository(name), branch: 'main', createBranch: true };
  const object = {
    apiVersion: configApiVersion,
    kind: 'Repository',
    metadata: { name, namespace: 'default', creationTimestamp: toTime(parts.clock()) },
    spec: { type: 'git', git },
  };
  const key = { resource: repositories, namespace: 'default', name };
  await parts.store.commit({ operations: [{ type: 'put', key, uid: name, value: JSON.stringify(object) }] });
  await parts.registrations.update('default', name, () => undefined);
  const setReady = (status: 'True' | 'False', reason: string) =>
    parts.registrations.update('default', name, (current) => {
      const condition = { type: 'Ready', status, reason, message: 'why', lastTransitionTime: '2026-01-01T00:00:00Z' };
      return { ...current, status: { conditions: [condition] } };
    });
  const refused = expect(trial.create(name, 'p', 'w')).rejects.toMatchObject({
    code: 409,
    message: expect.stringContaining('(Error: why)'),
  });
  await setReady('False', 'Reconciling');
  await setReady('False', 'Error');
  await refused;
  await setReady('False', 'Reconciling');
  const { clock } = parts;
  try {
    Object.assign(parts, { clock: () => new Date(Date.now() + 60_000) });
    await expect(trial.create(name, 'p', 'w'), 'not for ever').rejects.toMatchObject({ code: 409 });
  } finally {
    Object.assign(parts, { clock });
  }
  const made = trial.create(name, 'p', 'w');
  await trial.sync(name);
  await setReady('True', 'Ready');
  expect((await made).spec.lifecycle).toBe('Draft');
});

test('of two packages that would contain one another, made at the same time, one is refused', async () => {
  const outcomes = await Promise.allSettled([
    trial.create('r', 'a/b/c', 'w'),
    trial.create('r', 'a/b', 'w'),
    trial.create('r', 'a', 'w'),
    trial.create('r', 'ab', 'w'),
  ]);
  const made = outcomes.filter((outcome) => outcome.status === 'fulfilled');
  expect(made.length).toBe(2);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 400 });
  }
});

describe('creating', () => {
  test('refuses a second workspace of the same name, an existing package, and nested packages', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'a/b', 'w');
    await expect(trial.create(r, 'a/b', 'w')).rejects.toMatchObject({
      code: 409,
      message: expect.stringContaining('workspaceNames must be unique'),
    });
    await expect(trial.create(r, 'a/b', 'w2')).rejects.toMatchObject({
      code: 409,
      message: expect.stringContaining('already exists in repo'),
    });
    await expect(trial.create(r, 'a', 'w')).rejects.toMatchObject({
      code: 400,
      message: expect.stringContaining('packages cannot be nested'),
    });
    await expect(trial.create(r, 'a/b/c', 'w')).rejects.toMatchObject({
      code: 400,
      message: expect.stringContaining('packages cannot be nested'),
    });
    await trial.create(r, 'c/b', 'w');
  });

  test('says what can be done about a package that is there already', async () => {
    const r = await trial.newRepository();
    const again = (why: string) =>
      expect(trial.create(r, 'p', 'v2'), why).rejects.toMatchObject({
        code: 409,
        reason: 'AlreadyExists',
        message: expect.stringContaining(why),
      });
    const remove = async (name: string): Promise<void> => {
      await trial.setLifecycle(name, 'DeletionProposed');
      await trial.remove(name);
    };
    await trial.create(r, 'p', 'v1');
    await again(`nothing of it is published: change "${r}.p.v1"`);
    await trial.publish(`${r}.p.v1`);
    await again('make another revision of it with a task of type edit (copy)');
    await remove(`${r}.p.v1`);
    await again(
      `all that there is of it is "${r}.p.main", which follows the branch: give it a first revision with a tag "p/v1" in Git, or propose`,
    );
    await trial.git(r, 'tag', 'p/release', 'main');
    await trial.sync(r);
    await again('make another revision of it with a task of type edit (copy)');
    await trial.git(r, 'tag', '-d', 'p/release');
    await trial.sync(r);
    await remove(`${r}.p.main`);
    expect((await trial.create(r, 'p', 'v2')).spec.lifecycle).toBe('Draft');
  });

  test('of two at the same moment one is told that another is in progress', async () => {
    const r = await trial.newRepository();
    const results = await Promise.allSettled([trial.create(r, 'p', 'w'), trial.create(r, 'p', 'w')]);
    const failures = results.filter((result) => result.status === 'rejected');
    expect(failures).toHaveLength(1);
    expect(String(failures[0]?.reason)).toContain('another request is already in progress');
  });

  test('copies a published revision, and only one of the same package', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'v1');
    await trial.create(r, 'q', 'v1');
    const copy = (source: string) =>
      trial.create(r, 'p', 'v2', { type: 'edit', edit: { sourceRef: { name: source } } });
    await expect(copy(`${r}.p.v1`)).rejects.toMatchObject({ message: expect.stringContaining('must be published') });
    await trial.publish(`${r}.p.v1`);
    await trial.publish(`${r}.q.v1`);
    await expect(copy(`${r}.q.v1`)).rejects.toMatchObject({
      message: expect.stringContaining('must be from same package'),
    });
    await expect(copy(`${r}.p.main`)).rejects.toMatchObject({
      message: expect.stringContaining('placeholder package revision'),
    });
    const made = await copy(`${r}.p.v1`);
    expect(made.spec.tasks).toEqual([{ type: 'edit', edit: { sourceRef: { name: `${r}.p.v1` } } }]);
  });

  test('clones a draft once it is in Git, so that the lock has a commit', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'up', 'w');
    const clone = await trial.create(r, 'down', 'w', {
      type: 'clone',
      clone: { upstreamRef: { upstreamRef: { name: `${r}.up.w` } } },
    });
    expect(clone.status.upstreamLock?.git?.commit).toBe(await trial.git(r, 'rev-parse', 'drafts/up/w'));
  });

  test('the Kptfile of a clone names a directory of Git without slashes around it', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'a/up', 'w');
    await trial.mirrored(`${r}.a.up.w`);
    const git = { repo: trial.gitServer.url(r), ref: 'drafts/a/up/w', directory: '/a//up/' };
    const clone = await trial.create(r, 'down', 'w', { type: 'clone', clone: { upstreamRef: { type: 'git', git } } });
    expect(clone.status.upstreamLock?.git).toMatchObject({ directory: 'a/up', ref: 'drafts/a/up/w' });
    expect(clone.spec.tasks?.[0]?.clone?.upstreamRef?.git?.directory).toBe('/a//up/');
  });

  test('clones what a tag without a number shows, but not what follows the branch', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'up', 'v1');
    await trial.publish(`${r}.up.v1`);
    await trial.git(r, 'tag', 'up/stable', 'up/v1');
    await trial.sync(r);
    const cloneOf = (workspace: string) =>
      trial.create(r, 'down', 'w', {
        type: 'clone',
        clone: { upstreamRef: { upstreamRef: { name: `${r}.up.${workspace}` } } },
      });
    await expect(cloneOf('main')).rejects.toThrow('it is the placeholder package revision that follows the branch');
    expect((await cloneOf('stable')).status.upstreamLock?.git).toMatchObject({ ref: 'up/stable' });
  });

  test('a clone whose upstream goes just before it is stored is refused', async () => {
    const r = await trial.newRepository();
    const name = `${r}.up.v1`;
    await trial.create(r, 'up', 'v1');
    await trial.publish(name);
    const { store } = trial.parts;
    const key = { resource: packageRevisions, namespace: 'default', name };
    const commit: Store['commit'] = async (writeSet, options) => {
      const isClone = writeSet.operations.some((operation) => operation.key.name === `${r}.down.v1`);
      if (isClone && trial.get(name) !== undefined) await store.commit({ operations: [{ type: 'delete', key }] });
      return store.commit(writeSet, options);
    };
    const parts = { ...trial.parts, store: Object.assign(Object.create(store), { commit }) };
    const clone = createEngine(parts, new UpstreamIndex(parts.cache.objects)).createPackageRevision(
      trial.context,
      {
        apiVersion: porchApiVersion,
        kind: 'PackageRevision',
        metadata: { namespace: 'default' },
        spec: {
          repository: r,
          packageName: 'down',
          workspaceName: 'v1',
          tasks: [{ type: 'clone', clone: { upstreamRef: { upstreamRef: { name } } } }],
        },
        status: {},
      },
      { dryRun: false, fieldManager: 'test' },
    );
    await expect(clone).rejects.toMatchObject({ code: 400, message: expect.stringContaining('upstreamRef.name') });
    expect(trial.get(`${r}.down.v1`)).toBeUndefined();
  });

  test('a clone that fails leaves nothing', async () => {
    const r = await trial.newRepository();
    const before = await trial.references(r);
    const git = { repo: trial.gitServer.url(r), ref: 'nowhere', directory: 'x' };
    const failing = trial.create(r, 'p', 'w', { type: 'clone', clone: { upstreamRef: { type: 'git', git } } });
    await expect(failing).rejects.toMatchObject({
      code: 400,
      message: expect.stringContaining('spec.tasks[0].clone.upstreamRef.git.ref'),
    });
    expect(trial.get(`${r}.p.w`)).toBeUndefined();
    expect(await trial.references(r)).toEqual(before);
  });
});

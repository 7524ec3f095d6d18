import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { replaceState } from '../cache/replace-state.ts';
import { startTrial, type Trial } from './trial.test-support.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(() => trial?.close());

describe('publishing', () => {
  test('makes branch, tag, placeholder and package in one push', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'w');
    const start = await trial.git(r, 'rev-parse', 'main');
    const published = await trial.publish(`${r}.p.w`);
    expect(published.spec).toMatchObject({ lifecycle: 'Published', revision: 1 });
    expect(published.metadata.labels).toEqual({ 'kpt.dev/latest-revision': 'true' });
    expect(published.status).toMatchObject({ publishedBy: 'alice', selfLock: { git: { ref: 'p/v1' } } });
    expect(await trial.references(r)).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
    const [commit, first, second] = (await trial.git(r, 'rev-list', '--parents', '-1', 'p/v1')).split(' ');
    expect(await trial.git(r, 'rev-parse', 'main')).toBe(commit);
    expect(first).toBe(start);
    expect(await trial.git(r, 'log', '-1', '--format=%s', second ?? '')).toBe('Creating new empty revision');
    expect(await trial.git(r, 'log', '-1', '--format=%B', 'main')).toBe(
      'Approving package revision p/1\n\nkpt:{"package":"p","workspaceName":"w","revision":"1"}\n',
    );
    expect(trial.get(`${r}.p.main`)?.spec).toMatchObject({ revision: -1, lifecycle: 'Published' });
    expect((await trial.sync(r)).changed).toBe(0);
  });

  test('makes the placeholder of a branch that is named like a version', async () => {
    await trial.addRepository('versioned', { branch: 'v1.2', createBranch: true });
    await trial.create('versioned', 'p', 'w');
    await trial.publish('versioned.p.w');
    expect(trial.get('versioned.p.v1.2')?.spec).toMatchObject({ revision: -1, workspaceName: 'v1.2' });
    expect((await trial.sync('versioned')).changed).toBe(0);
  });

  test('counts a change of what the branch-tracking revision says of its package, and nothing else', async () => {
    const r = await trial.newRepository();
    const generation = () => trial.get(`${r}.p.main`)?.metadata.generation;
    await trial.create(r, 'p', 'v1');
    await trial.publish(`${r}.p.v1`);
    const seen = [generation()];
    for (const [workspace, label] of Object.entries({ v2: 'one', v3: 'one', v4: 'two' })) {
      await trial.create(r, 'p', workspace, { type: 'edit', edit: { sourceRef: { name: `${r}.p.v1` } } });
      await trial.update(`${r}.p.${workspace}`, (object) => {
        object.spec.packageMetadata = { labels: { tier: label } };
      });
      await trial.publish(`${r}.p.${workspace}`);
      seen.push(generation());
    }
    expect(seen).toEqual([1, 2, 2, 3]);
  });

  test('moves the latest label to the new revision, and back when that is deleted', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'v1');
    await trial.publish(`${r}.p.v1`);
    await trial.create(r, 'p', 'v2', { type: 'edit', edit: { sourceRef: { name: `${r}.p.v1` } } });
    await trial.publish(`${r}.p.v2`);
    const labelled = (name: string) => trial.get(name)?.metadata.labels?.['kpt.dev/latest-revision'];
    expect([labelled(`${r}.p.v1`), labelled(`${r}.p.v2`)]).toEqual([undefined, 'true']);
    expect(trial.get(`${r}.p.v1`)?.metadata).not.toHaveProperty('labels');
    await expect(trial.remove(`${r}.p.v2`)).rejects.toMatchObject({
      code: 403,
      message: expect.stringContaining("'DeletionProposed' prior to deletion"),
    });
    await trial.setLifecycle(`${r}.p.v2`, 'DeletionProposed');
    await trial.remove(`${r}.p.v2`);
    expect([labelled(`${r}.p.v1`), trial.get(`${r}.p.v2`)]).toEqual(['true', undefined]);
    expect(await trial.references(r)).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
  });

  test('absorbs what others do to the branch meanwhile', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'w');
    await trial.setLifecycle(`${r}.p.w`, 'Proposed');
    const other = await trial.git(r, 'commit-tree', 'main^{tree}', '-p', 'main', '-m', 'Other work');
    await trial.git(r, 'update-ref', 'refs/heads/main', other);
    await trial.setLifecycle(`${r}.p.w`, 'Published');
    expect(await trial.git(r, 'rev-parse', 'p/v1^1')).toBe(other);
  });

  test('goes on from a commit that another server has pushed, and recorded', async () => {
    const r = await trial.newRepository();
    const name = `${r}.p.w`;
    await trial.create(r, 'p', 'w');
    await trial.setLifecycle(name, 'Proposed');
    await trial.mirrored(name);
    const branch = 'refs/heads/proposed/p/w';
    const tip = await trial.git(r, 'commit-tree', `${branch}^{tree}`, '-p', branch, '-m', 'Of another server');
    await trial.git(r, 'update-ref', branch, tip);
    const state = trial.parts.cache.state('default', name);
    if (state === undefined) expect.fail('it has no state');
    await replaceState(trial.parts.store, state, { ...state.value, refs: { [branch]: tip }, tip });
    await trial.setLifecycle(name, 'Published');
    expect(await trial.git(r, 'rev-parse', 'p/v1^2')).toBe(tip);
  });

  test('never moves a tag that someone else has made', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'w');
    await trial.setLifecycle(`${r}.p.w`, 'Proposed');
    await trial.git(r, 'tag', 'p/v1', 'main');
    const taken = await trial.git(r, 'rev-parse', 'p/v1');
    const published = await trial.setLifecycle(`${r}.p.w`, 'Published');
    expect(published.spec.revision).toBe(2);
    expect(await trial.git(r, 'rev-parse', 'p/v1')).toBe(taken);
  });

  test('refuses when someone else has moved the draft', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'w');
    await trial.setLifecycle(`${r}.p.w`, 'Proposed');
    await trial.mirrored(`${r}.p.w`);
    const other = await trial.git(r, 'commit-tree', 'main^{tree}', '-p', 'proposed/p/w', '-m', 'Elsewhere');
    await trial.git(r, 'update-ref', 'refs/heads/proposed/p/w', other);
    await expect(trial.setLifecycle(`${r}.p.w`, 'Published')).rejects.toMatchObject({
      code: 409,
      message: expect.stringContaining('changed in Git by someone else'),
    });
    expect(trial.get(`${r}.p.w`)?.spec.lifecycle).toBe('Proposed');
    expect(trial.parts.cache.state('default', `${r}.p.w`)?.value.intent).toBeUndefined();
  });

  test('the resources of a revision change with its number, and with nothing else beside its files', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'w');
    const position = async () => Number((await trial.resources(`${r}.p.w`)).metadata.resourceVersion);
    const made = await position();
    await trial.setLifecycle(`${r}.p.w`, 'Proposed');
    expect(await position()).toBe(made);
    await trial.setLifecycle(`${r}.p.w`, 'Published');
    const published = await position();
    expect(published).toBeGreaterThan(made);
    expect((await trial.resources(`${r}.p.w`)).spec.revision).toBe(1);
    await trial.setLifecycle(`${r}.p.w`, 'DeletionProposed');
    expect(await position()).toBe(published);
  });

  test('stays on the branch when finalizers let go of a placeholder that had vanished before', async () => {
    const r = await trial.newRepository();
    const placeholder = `${r}.p.main`;
    const setFinalizers = (finalizers: string[]) =>
      trial.update(placeholder, (object) => {
        object.metadata.finalizers = finalizers;
      });
    await trial.create(r, 'p', 'v1');
    await trial.publish(`${r}.p.v1`);
    await setFinalizers(['example.com/hold']);
    const removal = await trial.git(r, 'commit-tree', 'main^1^{tree}', '-p', 'main', '-m', 'Remove the package');
    await trial.git(r, 'update-ref', 'refs/heads/main', removal);
    await trial.sync(r);
    expect(trial.get(placeholder)?.metadata.deletionTimestamp).toBeDefined();
    await trial.create(r, 'p', 'v2', { type: 'edit', edit: { sourceRef: { name: `${r}.p.v1` } } });
    await trial.publish(`${r}.p.v2`);
    await setFinalizers([]);
    expect(trial.get(placeholder)).toBeUndefined();
    expect(await trial.git(r, 'rev-parse', 'main')).toBe(await trial.git(r, 'rev-parse', 'p/v2'));
    await trial.sync(r);
    expect(trial.get(placeholder)?.metadata.deletionTimestamp).toBeUndefined();
  });

  test('the time of publication is that of the commit, as others will read it', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'w');
    const { clock } = trial.parts;
    let calls = 0;
    try {
      Object.assign(trial.parts, { clock: () => new Date(Date.UTC(2026, 0, 1) + 3000 * calls++) });
      const { publishTimestamp } = (await trial.publish(`${r}.p.w`)).status;
      const inGit = await trial.git(r, 'log', '-1', '--date=format-local:%Y-%m-%dT%H:%M:%SZ', '--format=%ad', 'p/v1');
      expect(publishTimestamp).toBe(inGit);
    } finally {
      Object.assign(trial.parts, { clock });
    }
  });

  test('a dry run changes nothing', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'w');
    await trial.setLifecycle(`${r}.p.w`, 'Proposed');
    await trial.mirrored(`${r}.p.w`);
    const [before, revision] = [await trial.references(r), trial.parts.cache.revision];
    const object = await trial.update(
      `${r}.p.w`,
      (o) => {
        o.spec.lifecycle = 'Published';
      },
      true,
    );
    expect(object.spec).toMatchObject({ lifecycle: 'Published', revision: 1 });
    expect(object.status.selfLock?.git).toMatchObject({ ref: 'p/v1' });
    expect(object.status.selfLock?.git).not.toHaveProperty('commit');
    const { resourceVersion } = trial.get(`${r}.p.w`)?.metadata ?? {};
    expect(object.metadata.resourceVersion, 'or kubectl diff shows it as gone').toBe(resourceVersion);
    expect(await trial.references(r)).toEqual(before);
    expect(trial.parts.cache.revision).toBe(revision);
  });
});

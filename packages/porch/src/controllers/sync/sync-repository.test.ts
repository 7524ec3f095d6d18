import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTrial, type Trial } from '../../engine/trial.test-support.ts';
import { commitElsewhere } from './commit-elsewhere.test-support.ts';

let trial: Trial;

beforeAll(async () => {
  trial = await startTrial();
});

afterAll(() => trial?.close());

const kptfile = (name: string) => `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${name}\n`;

describe('what others do in Git', () => {
  test('a new package on the branch, a tag and a draft appear', async () => {
    const r = await trial.newRepository();
    const commit = await commitElsewhere(trial, r, 'main', 'p/Kptfile', kptfile('p'));
    await trial.git(r, 'update-ref', 'refs/heads/main', commit);
    await trial.git(r, 'tag', 'p/v3', commit);
    await trial.git(r, 'update-ref', 'refs/heads/drafts/p/next', commit);
    expect((await trial.sync(r)).changed).toBe(3);
    expect(trial.get(`${r}.p.main`)?.spec).toMatchObject({ revision: -1, lifecycle: 'Published' });
    expect(trial.get(`${r}.p.v3`)?.spec).toMatchObject({ revision: 3, lifecycle: 'Published' });
    expect(trial.get(`${r}.p.v3`)?.metadata.labels).toEqual({ 'kpt.dev/latest-revision': 'true' });
    expect(trial.get(`${r}.p.next`)?.spec).toMatchObject({ lifecycle: 'Draft' });
    expect(trial.get(`${r}.p.v3`)?.status).toMatchObject({
      selfLock: { git: { ref: 'p/v3', commit } },
      publishedBy: await trial.git(r, 'log', '-1', '--format=%ae', commit),
      publishTimestamp: expect.stringMatching(/^\d{4}-/),
    });
    expect(trial.get(`${r}.p.next`)?.status.selfLock?.git).toMatchObject({ ref: 'drafts/p/next' });
    expect(trial.get(`${r}.p.next`)?.status.selfLock?.git).not.toHaveProperty('commit');
    expect((await trial.resources(`${r}.p.next`)).spec.resources?.Kptfile).toBe(kptfile('p'));
  });

  test('a Kptfile that cannot be read is said to be so, once, and its package is listed', async () => {
    const r = await trial.newRepository();
    const good = await commitElsewhere(trial, r, 'main', 'good/Kptfile', kptfile('good'));
    await trial.git(r, 'update-ref', 'refs/heads/main', good);
    const commit = await commitElsewhere(trial, r, 'main', 'bad/Kptfile', '{{{');
    await trial.git(r, 'update-ref', 'refs/heads/main', commit);
    await trial.git(r, 'tag', 'bad/v1', commit);
    const { unreadable } = await trial.sync(r);
    expect(unreadable).toEqual(
      [`${r}.bad.main`, `${r}.bad.v1`].map((name) =>
        expect.stringMatching(`^${name.replaceAll('.', '\\.')} \\(Kptfile`),
      ),
    );
    expect(trial.get(`${r}.bad.v1`)?.spec).toMatchObject({ revision: 1, packageMetadata: {} });
    await trial.git(r, 'tag', 'good/v1', good);
    expect(await trial.sync(r)).toMatchObject({ changed: 1, unreadable: [] });
  });

  test('what a Repository says of deployments, its revisions say too', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'w');
    await trial.publish(`${r}.p.w`);
    await trial.create(r, 'q', 'w');
    // A draft whose push ends meanwhile would wait for the next round.
    await trial.mirrored(`${r}.q.w`);
    await trial.sync(r);
    const names = [`${r}.p.w`, `${r}.p.main`, `${r}.q.w`];
    for (const deployment of [true, false]) {
      await trial.parts.registrations.update('default', r, (object) => ({
        ...object,
        spec: { ...object.spec, deployment },
      }));
      expect((await trial.sync(r)).changed).toBe(3);
      expect(names.map((name) => trial.get(name)?.status.deployment)).toEqual([deployment, deployment, deployment]);
    }
    expect((await trial.sync(r)).changed).toBe(0);
  });

  test('what appears in a Repository of deployments is deployed', async () => {
    const r = await trial.newRepository();
    await trial.parts.registrations.update('default', r, (object) => ({
      ...object,
      spec: { ...object.spec, deployment: true },
    }));
    await trial.sync(r);
    const commit = await commitElsewhere(trial, r, 'main', 'p/Kptfile', kptfile('p'));
    await trial.git(r, 'update-ref', 'refs/heads/main', commit);
    await trial.sync(r);
    expect(trial.get(`${r}.p.main`)?.status.deployment).toBe(true);
  });

  test('a tag that was moved is taken over, also while the proposal to delete it is on its way', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'w');
    await trial.publish(`${r}.p.w`);
    await trial.parts.queue.hold('default', r, `${r}.p.w`, async () => {
      await trial.setLifecycle(`${r}.p.w`, 'DeletionProposed');
      const message = await trial.git(r, 'log', '-1', '--format=%B', 'p/v1');
      const commit = await trial.git(r, 'commit-tree', 'p/v1^{tree}', '-p', 'p/v1^1', '-m', message);
      await trial.git(r, 'tag', '--force', 'p/v1', commit);
      expect(await trial.sync(r)).toMatchObject({ conflicts: [] });
      expect(trial.get(`${r}.p.w`)?.status.selfLock?.git?.commit).toBe(commit);
    });
  });

  test('a repository that has not changed since another process looked is not said to be without skipped names', async () => {
    const r = await trial.newRepository();
    const commit = await commitElsewhere(trial, r, 'main', 'Upper/Kptfile', kptfile('upper'));
    await trial.git(r, 'update-ref', 'refs/heads/main', commit);
    expect((await trial.sync(r)).skipped).toMatchObject([{ path: 'Upper' }]);
    trial.restartSync(r);
    expect((await trial.sync(r)).skipped).toBeUndefined();
  });

  test('nothing new asks for the references and no more', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'w');
    await trial.publish(`${r}.p.w`);
    await trial.sync(r);
    const revision = trial.parts.cache.revision;
    await trial.sync(r);
    expect(trial.parts.cache.revision).toBe(revision);
  });

  test('commits elsewhere on the branch leave placeholders alone', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'w');
    await trial.publish(`${r}.p.w`);
    await trial.sync(r);
    const before = trial.get(`${r}.p.main`)?.metadata.resourceVersion;
    const commit = await commitElsewhere(trial, r, 'main', 'other.txt', 'x');
    await trial.git(r, 'update-ref', 'refs/heads/main', commit);
    await trial.sync(r);
    expect(trial.get(`${r}.p.main`)?.metadata.resourceVersion).toBe(before);
    const changed = await commitElsewhere(trial, r, 'main', 'p/new.txt', 'x');
    await trial.git(r, 'update-ref', 'refs/heads/main', changed);
    await trial.sync(r);
    expect(trial.get(`${r}.p.main`)?.metadata.resourceVersion).not.toBe(before);
  });

  test('a draft changed only in Git is taken over, with its metadata kept', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'w');
    await trial.update(`${r}.p.w`, (object) => {
      object.metadata.labels = { mine: 'yes' };
    });
    await trial.mirrored(`${r}.p.w`);
    const generation = trial.get(`${r}.p.w`)?.metadata.generation;
    const commit = await commitElsewhere(trial, r, 'drafts/p/w', 'p/new.txt', 'theirs');
    await trial.git(r, 'update-ref', 'refs/heads/drafts/p/w', commit);
    expect((await trial.sync(r)).changed).toBe(1);
    expect(trial.get(`${r}.p.w`)?.metadata.generation).toBe(generation);
    expect((await trial.resources(`${r}.p.w`)).spec.resources?.['new.txt']).toBe('theirs');
    expect(trial.get(`${r}.p.w`)?.metadata.labels).toEqual({ mine: 'yes' });
    await trial.setFiles(`${r}.p.w`, (files) => {
      files['more.txt'] = 'ours';
    });
    await trial.mirrored(`${r}.p.w`);
    expect(await trial.git(r, 'rev-parse', 'drafts/p/w^')).toBe(commit);
  });

  test('nothing is said of how a draft was rendered before it was changed in Git', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'w');
    await trial.setFiles(`${r}.p.w`, (files) => {
      files.Kptfile += 'pipeline:\n  mutators:\n    - image: set-labels:v0.2\n      configMap:\n        a: b\n';
    });
    await trial.mirrored(`${r}.p.w`);
    expect((await trial.resources(`${r}.p.w`)).status?.renderStatus?.result?.items).toHaveLength(1);
    await trial.git(
      r,
      'update-ref',
      'refs/heads/drafts/p/w',
      await commitElsewhere(trial, r, 'drafts/p/w', 'p/a', 'b'),
    );
    await trial.sync(r);
    expect((await trial.resources(`${r}.p.w`)).status?.renderStatus?.result).toBeUndefined();
  });

  test('a proposal moved by other means is taken over', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'w');
    await trial.mirrored(`${r}.p.w`);
    await trial.git(r, 'update-ref', 'refs/heads/proposed/p/w', 'drafts/p/w');
    await trial.git(r, 'update-ref', '-d', 'refs/heads/drafts/p/w');
    await trial.sync(r);
    expect(trial.get(`${r}.p.w`)?.spec.lifecycle).toBe('Proposed');
    const tip = await trial.git(r, 'rev-parse', 'proposed/p/w');
    await trial.publish(`${r}.p.w`).catch(async () => trial.setLifecycle(`${r}.p.w`, 'Published'));
    expect(await trial.git(r, 'rev-parse', 'p/v1^2')).toBe(tip);
  });

  test('a proposed deletion and its undoing show', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'w');
    const { generation = 0 } = (await trial.publish(`${r}.p.w`)).metadata;
    const seen = () => [trial.get(`${r}.p.w`)?.spec.lifecycle, trial.get(`${r}.p.w`)?.metadata.generation];
    await trial.git(r, 'update-ref', 'refs/heads/deletionProposed/p/v1', 'p/v1');
    await trial.sync(r);
    expect(seen()).toEqual(['DeletionProposed', generation + 1]);
    await trial.git(r, 'update-ref', '-d', 'refs/heads/deletionProposed/p/v1');
    await trial.sync(r);
    expect(seen()).toEqual(['Published', generation + 2]);
  });

  test('deleted tags and branches take their revisions with them', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'v1');
    await trial.publish(`${r}.p.v1`);
    await trial.create(r, 'p', 'v2', { type: 'edit', edit: { sourceRef: { name: `${r}.p.v1` } } });
    await trial.mirrored(`${r}.p.v2`);
    await trial.sync(r);
    await trial.git(r, 'update-ref', '-d', 'refs/heads/drafts/p/v2');
    await trial.git(r, 'update-ref', '-d', 'refs/tags/p/v1');
    await trial.sync(r);
    expect([trial.get(`${r}.p.v1`), trial.get(`${r}.p.v2`)]).toEqual([undefined, undefined]);
    expect(trial.get(`${r}.p.main`)).toBeDefined();
  });

  test('what was deleted from here and is put back in Git, as it was, comes back', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'v1');
    await trial.publish(`${r}.p.v1`);
    await trial.create(r, 'q', 'w');
    await trial.mirrored(`${r}.q.w`);
    const tag = await trial.git(r, 'rev-parse', 'refs/tags/p/v1');
    const draft = await trial.git(r, 'rev-parse', 'drafts/q/w');
    await trial.setLifecycle(`${r}.p.v1`, 'DeletionProposed');
    await trial.setLifecycle(`${r}.p.v1`, 'Published');
    await trial.mirrored(`${r}.p.v1`);
    await trial.sync(r);
    await trial.setLifecycle(`${r}.p.v1`, 'DeletionProposed');
    await trial.remove(`${r}.p.v1`);
    await trial.remove(`${r}.q.w`);
    await trial.mirrored(`${r}.q.w`);
    expect(await trial.git(r, 'for-each-ref', 'refs/tags', 'refs/heads/drafts')).toBe('');
    await trial.git(r, 'update-ref', 'refs/tags/p/v1', tag);
    await trial.git(r, 'update-ref', 'refs/heads/drafts/q/w', draft);
    await trial.sync(r);
    expect(trial.get(`${r}.p.v1`)?.spec.lifecycle).toBe('Published');
    expect(trial.get(`${r}.q.w`)?.spec.lifecycle).toBe('Draft');
  });
});

test('a draft that others make while one of its name is being deleted is found, whenever that is done', async () => {
  const r = await trial.newRepository();
  const name = `${r}.p.w`;
  await trial.create(r, 'p', 'w');
  await trial.mirrored(name);
  const { queue, store } = trial.parts;
  const released = Promise.withResolvers<void>();
  const held = queue.hold('default', r, name, () => released.promise);
  await trial.remove(name);
  const theirs = await commitElsewhere(trial, r, 'main', 'p/Kptfile', kptfile('p'));
  await trial.git(r, 'update-ref', 'refs/heads/drafts/p/w', theirs);
  // While this one is written, the deletion is given up.
  const other = await commitElsewhere(trial, r, 'main', 'q/Kptfile', kptfile('q'));
  await trial.git(r, 'update-ref', 'refs/heads/drafts/q/w', other);
  const commit = store.commit.bind(store);
  vi.spyOn(store, 'commit').mockImplementationOnce(async (set) => {
    released.resolve();
    await held;
    await trial.mirrored(name);
    return commit(set);
  });
  expect(await trial.sync(r)).toMatchObject({ changed: 1, left: 0 });
  vi.restoreAllMocks();
  expect(trial.get(name)).toBeUndefined();
  expect((await trial.sync(r)).changed).toBe(1);
  expect(trial.get(name)?.spec.lifecycle).toBe('Draft');
  expect(await trial.git(r, 'rev-parse', 'drafts/p/w')).toBe(theirs);
});

test('what has come back and is let go of just before a round is written down is found by the next', async () => {
  const r = await trial.newRepository();
  const name = `${r}.p.w`;
  await trial.create(r, 'p', 'w');
  await trial.mirrored(name);
  const hold = (finalizers: string[]) =>
    trial.update(name, ({ metadata }) => {
      metadata.finalizers = finalizers;
    });
  await hold(['example.com/hold']);
  await trial.sync(r);
  const id = await trial.git(r, 'rev-parse', 'drafts/p/w');
  await trial.git(r, 'update-ref', '-d', 'refs/heads/drafts/p/w');
  await trial.sync(r);
  expect(trial.get(name)?.metadata.deletionTimestamp).toBeDefined();
  await trial.git(r, 'update-ref', 'refs/heads/drafts/p/w', id);
  const { store } = trial.parts;
  const commit = store.commit.bind(store);
  vi.spyOn(store, 'commit').mockImplementationOnce(async (set) => {
    await hold([]);
    return commit(set);
  });
  await trial.sync(r);
  vi.restoreAllMocks();
  expect(trial.get(name)).toBeUndefined();
  await trial.sync(r);
  expect(trial.get(name)?.spec.lifecycle).toBe('Draft');
});

describe('what only the server has', () => {
  test('what vanished, and is held by finalizers, is not deleted from Git when it has come back by then', async () => {
    const r = await trial.newRepository();
    const names = [`${r}.p.w`, `${r}.p.main`, `${r}.q.w`];
    await trial.create(r, 'p', 'w');
    await trial.publish(`${r}.p.w`);
    await trial.create(r, 'q', 'w');
    await trial.mirrored(`${r}.q.w`);
    for (const name of names) {
      await trial.update(name, (object) => {
        object.metadata.finalizers = ['example.com/hold'];
      });
    }
    await trial.sync(r);
    const generations = names.map((name) => trial.get(name)?.metadata.generation);
    const references = ['refs/heads/main', 'refs/heads/drafts/q/w', 'refs/tags/p/v1'];
    const ids = await Promise.all(references.map((ref) => trial.git(r, 'rev-parse', ref)));
    await trial.git(r, 'update-ref', 'refs/heads/main', 'refs/heads/main^1');
    for (const ref of references.slice(1)) await trial.git(r, 'update-ref', '-d', ref);
    await trial.sync(r);
    await trial.git(r, 'update-ref', 'refs/heads/other', 'refs/heads/main');
    expect(await trial.sync(r)).toMatchObject({ changed: 0 });
    for (const [index, name] of names.entries()) {
      const { deletionTimestamp, generation } = trial.get(name)?.metadata ?? {};
      expect([deletionTimestamp !== undefined, generation], name).toEqual([true, (generations[index] ?? 0) + 1]);
    }
    for (const [index, ref] of references.entries()) await trial.git(r, 'update-ref', ref, ids[index] ?? '');
    await trial.sync(r);
    for (const name of names) {
      await trial.update(name, (object) => {
        object.metadata.finalizers = [];
      });
      expect(trial.get(name)).toBeUndefined();
    }
    await trial.sync(r);
    for (const name of names) expect(trial.get(name)?.metadata.deletionTimestamp, name).toBeUndefined();
    expect(await Promise.all(references.map((ref) => trial.git(r, 'rev-parse', ref)))).toEqual(ids);
  });

  test('a vanished branch never deletes changes that Git does not have; it is made again', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'w');
    await trial.mirrored(`${r}.p.w`);
    await trial.parts.queue.hold('default', r, `${r}.p.w`, async () => {
      await trial.setFiles(`${r}.p.w`, (files) => {
        files['ours.txt'] = 'ours';
      });
      await trial.git(r, 'update-ref', '-d', 'refs/heads/drafts/p/w');
      await trial.sync(r);
    });
    await trial.mirrored(`${r}.p.w`);
    expect(await trial.git(r, 'show', 'drafts/p/w:p/ours.txt')).toBe('ours');
  });

  test('when much has vanished at once, nothing is removed until somebody says so', async () => {
    const r = await trial.newRepository();
    let head = 'main';
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      head = await commitElsewhere(trial, r, head, `${name}/Kptfile`, kptfile(name));
      await trial.git(r, 'tag', `${name}/v1`, head);
    }
    await trial.git(r, 'update-ref', 'refs/heads/main', head);
    expect((await trial.sync(r)).revisions).toBe(12);
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await trial.git(r, 'tag', '-d', `${name}/v1`);
    await expect(trial.sync(r)).rejects.toThrow('6 of 12 package revisions are gone');
    expect(trial.get(`${r}.a.v1`)).toBeDefined();
    expect((await trial.sync(r, true)).revisions).toBe(6);
  });

  test('a branch that has vanished stops the synchronisation, and is made again when somebody says so', async () => {
    const r = 'without-branch';
    await trial.addRepository(r, { createBranch: true });
    await trial.create(r, 'p', 'w');
    await trial.publish(`${r}.p.w`);
    await trial.sync(r);
    await trial.git(r, 'update-ref', '-d', 'refs/heads/main');
    await expect(trial.sync(r)).rejects.toThrow('branch "main" is gone from the Git repository');
    expect(trial.get(`${r}.p.main`)).toBeDefined();
    await expect(trial.git(r, 'rev-parse', 'refs/heads/main')).rejects.toThrow();
    await trial.sync(r, true);
    expect(trial.get(`${r}.p.main`)).toBeUndefined();
    expect(trial.get(`${r}.p.w`)).toBeDefined();
    expect(await trial.git(r, 'log', '-1', '--format=%s', 'main')).toBe('Initial commit: Creating main branch');
  });
});

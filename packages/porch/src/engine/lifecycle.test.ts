import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTrial, type Trial } from './trial.test-support.ts';

let trial: Trial;
let count = 0;

beforeAll(async () => {
  trial = await startTrial();
});

afterAll(() => trial?.close());

async function repository(): Promise<string> {
  const name = `r${count++}`;
  await trial.addRepository(name);
  return name;
}

async function refs(name: string): Promise<string[]> {
  return (await trial.git(name, 'for-each-ref', '--format=%(refname)')).split('\n').sort();
}

describe('drafts', () => {
  test('are stored at once and reach their branch with one commit a change', async () => {
    const r = await repository();
    const draft = await trial.create(r, 'a/b', 'w');
    expect(draft.metadata.name).toBe(`${r}.a.b.w`);
    expect(draft.spec.tasks).toEqual([{ type: 'init', init: { description: 'a/b description' } }]);
    expect(draft.status.selfLock?.git).toMatchObject({ directory: 'a/b', ref: 'drafts/a/b/w' });
    expect(draft.status.selfLock?.git?.commit).toBeUndefined();
    await trial.setFiles(`${r}.a.b.w`, (files) => {
      files['cm.yaml'] = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n';
    });
    await trial.mirrored(`${r}.a.b.w`);
    const log = await trial.git(r, 'log', '--format=%s', 'drafts/a/b/w');
    expect(log.split('\n')).toEqual(['Rendering package', 'Creating new empty revision', 'Start']);
    expect(await trial.git(r, 'show', 'drafts/a/b/w:a/b/cm.yaml')).toContain('kind: ConfigMap');
  });

  test('keep their resourceVersion while they are mirrored', async () => {
    const r = await repository();
    const draft = await trial.create(r, 'p', 'w');
    await trial.mirrored(`${r}.p.w`);
    expect(trial.get(`${r}.p.w`)?.metadata.resourceVersion).toBe(draft.metadata.resourceVersion);
  });

  test('an update that changes no file writes nothing', async () => {
    const r = await repository();
    await trial.create(r, 'p', 'w');
    const before = trial.parts.cache.revision;
    const answer = await trial.setFiles(`${r}.p.w`, () => undefined);
    expect(trial.parts.cache.packageRevision('default', `${r}.p.w`)?.contentRevision).toBe(
      Number(answer.metadata.resourceVersion),
    );
    await trial.mirrored(`${r}.p.w`);
    expect(await trial.git(r, 'rev-list', '--count', 'drafts/p/w')).toBe('2');
    expect(trial.parts.cache.revision).toBeGreaterThanOrEqual(before);
  });

  test('labelling a draft does not make the resourceVersion of its files stale', async () => {
    const r = await repository();
    await trial.create(r, 'p', 'w');
    const files = await trial.resources(`${r}.p.w`);
    await trial.update(`${r}.p.w`, (object) => {
      object.metadata.labels = { team: 'blue' };
    });
    expect((await trial.resources(`${r}.p.w`)).metadata.resourceVersion).toBe(files.metadata.resourceVersion);
  });

  test('a stale resourceVersion is a conflict, a missing one is named', async () => {
    const r = await repository();
    await trial.create(r, 'p', 'w');
    const stale = trial.update(`${r}.p.w`, (object) => {
      object.metadata.resourceVersion = '1';
    });
    await expect(stale).rejects.toMatchObject({ code: 409, reason: 'Conflict' });
    const missing = trial.update(`${r}.p.w`, (object) => {
      delete object.metadata.resourceVersion;
    });
    await expect(missing).rejects.toMatchObject({
      code: 400,
      message: expect.stringContaining('metadata.resourceVersion'),
    });
  });

  test('metadata of the package goes into the Kptfile and comes back', async () => {
    const r = await repository();
    await trial.create(r, 'p', 'w');
    const updated = await trial.update(`${r}.p.w`, (object) => {
      object.spec.packageMetadata = { labels: { tier: 'one' } };
      object.spec.readinessGates = [{ conditionType: 'Tested' }];
    });
    expect(updated.spec.packageMetadata).toEqual({ labels: { tier: 'one' } });
    const { resources = {} } = (await trial.resources(`${r}.p.w`)).spec;
    expect(resources.Kptfile).toContain('tier: one');
    expect(resources.Kptfile).toContain('conditionType: Tested');
  });

  test('a failing pipeline is refused with the function named, and nothing is stored', async () => {
    const r = await repository();
    await trial.create(r, 'p', 'w');
    const before = await trial.resources(`${r}.p.w`);
    const update = trial.setFiles(`${r}.p.w`, (files) => {
      files.Kptfile += 'pipeline:\n  mutators:\n    - image: no-such-function:v1\n';
    });
    await expect(update).rejects.toMatchObject({
      code: 400,
      message: expect.stringMatching(
        /^error rendering package in kpt function pipeline\. Package NOT pushed to remote.*no-such-function/s,
      ),
    });
    expect((await trial.resources(`${r}.p.w`)).spec).toEqual(before.spec);
  });

  test('a failing pipeline is stored all the same where the annotation asks for it', async () => {
    const r = await repository();
    await trial.create(r, 'p', 'w');
    await trial.update(`${r}.p.w`, (object) => {
      object.metadata.annotations = { 'porch.kpt.dev/push-on-render-failure': 'true' };
    });
    const update = trial.setFiles(`${r}.p.w`, (files) => {
      files.Kptfile += 'pipeline:\n  mutators:\n    - image: no-such-function:v1\n';
      files['kept.txt'] = 'kept';
    });
    await expect(update).rejects.toMatchObject({
      code: 400,
      message: expect.stringContaining('Package pushed to remote despite render failure'),
    });
    const after = await trial.resources(`${r}.p.w`);
    expect(after.spec.resources?.['kept.txt']).toBe('kept');
    expect(after.status?.renderStatus?.error).toContain('no-such-function');
  });

  test('what had failed to render is rendered again when it is proposed, or sent again', async () => {
    const r = await repository();
    const { render } = trial.parts;
    const rendered = (name: string) =>
      trial.get(name)?.status.conditions?.map(({ type, status }) => `${type}=${status}`);
    try {
      Object.assign(trial.parts, { render: () => ({ ...render('default'), builtIn: false }) });
      for (const packageName of ['proposed', 'sent']) {
        const { name = '' } = (await trial.create(r, packageName, 'w')).metadata;
        await trial.update(name, (object) => {
          object.metadata.annotations = { 'porch.kpt.dev/push-on-render-failure': 'true' };
        });
        const write = trial.setFiles(name, (files) => {
          files.Kptfile += 'pipeline:\n  mutators:\n    - image: no-op:v1\n';
        });
        await expect(write).rejects.toMatchObject({ code: 400 });
        await expect(trial.setLifecycle(name, 'Proposed')).rejects.toMatchObject({ code: 400 });
        expect(trial.get(name)?.spec.lifecycle).toBe('Draft');
        expect(rendered(name)).toEqual(['Rendered=False']);
      }
    } finally {
      Object.assign(trial.parts, { render });
    }
    await trial.setLifecycle(`${r}.proposed.w`, 'Proposed');
    await trial.setFiles(`${r}.sent.w`, () => undefined);
    for (const name of [`${r}.proposed.w`, `${r}.sent.w`]) expect(rendered(name)).toEqual(['Rendered=True']);
    expect(trial.get(`${r}.proposed.w`)?.spec.lifecycle).toBe('Proposed');
  });

  test('how a package was rendered is kept, whatever it was rendered for', async () => {
    const r = await repository();
    await trial.create(r, 'p', 'v1');
    const images = async (name: string) =>
      (await trial.resources(name)).status?.renderStatus?.result?.items?.map(({ image }) => image);
    expect(await images(`${r}.p.v1`)).toBeUndefined();
    await trial.setFiles(`${r}.p.v1`, (files) => {
      files.Kptfile += 'pipeline:\n  mutators:\n    - image: set-labels:v0.2\n      configMap:\n        a: b\n';
    });
    const rendered = [expect.stringContaining('set-labels:v0.2')];
    expect(await images(`${r}.p.v1`)).toEqual(rendered);
    await trial.update(`${r}.p.v1`, (object) => {
      object.spec.packageMetadata = { labels: { tier: 'one' } };
    });
    expect(await images(`${r}.p.v1`)).toEqual(rendered);
    await trial.publish(`${r}.p.v1`);
    await trial.create(r, 'p', 'v2', { type: 'edit', edit: { sourceRef: { name: `${r}.p.v1` } } });
    expect(await images(`${r}.p.v2`)).toEqual(rendered);
  });

  test('files outside the package are refused by path', async () => {
    const r = await repository();
    await trial.create(r, 'p', 'w');
    const update = trial.setFiles(`${r}.p.w`, (files) => {
      files['../evil'] = 'x';
    });
    await expect(update).rejects.toMatchObject({ code: 400, message: expect.stringContaining('../evil') });
  });
});

describe('creating', () => {
  test('refuses a second workspace of the same name, an existing package, and nested packages', async () => {
    const r = await repository();
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

  test('of two at the same moment one is told that another is in progress', async () => {
    const r = await repository();
    const results = await Promise.allSettled([trial.create(r, 'p', 'w'), trial.create(r, 'p', 'w')]);
    const failures = results.filter((result) => result.status === 'rejected');
    expect(failures).toHaveLength(1);
    expect(String(failures[0]?.reason)).toContain('another request is already in progress');
  });

  test('copies a published revision, and only one of the same package', async () => {
    const r = await repository();
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
    const r = await repository();
    await trial.create(r, 'up', 'w');
    const clone = await trial.create(r, 'down', 'w', {
      type: 'clone',
      clone: { upstreamRef: { upstreamRef: { name: `${r}.up.w` } } },
    });
    expect(clone.status.upstreamLock?.git?.commit).toBe(await trial.git(r, 'rev-parse', 'drafts/up/w'));
  });

  test('a clone that fails leaves nothing', async () => {
    const r = await repository();
    const before = await refs(r);
    const git = { repo: trial.gitServer.url(r), ref: 'nowhere', directory: 'x' };
    const failing = trial.create(r, 'p', 'w', { type: 'clone', clone: { upstreamRef: { type: 'git', git } } });
    await expect(failing).rejects.toMatchObject({
      code: 400,
      message: expect.stringContaining('spec.tasks[0].clone.upstreamRef.git.ref'),
    });
    expect(trial.get(`${r}.p.w`)).toBeUndefined();
    expect(await refs(r)).toEqual(before);
  });
});

describe('publishing', () => {
  test('makes branch, tag, placeholder and package in one push', async () => {
    const r = await repository();
    await trial.create(r, 'p', 'w');
    const start = await trial.git(r, 'rev-parse', 'main');
    const published = await trial.publish(`${r}.p.w`);
    expect(published.spec).toMatchObject({ lifecycle: 'Published', revision: 1 });
    expect(published.metadata.labels).toEqual({ 'kpt.dev/latest-revision': 'true' });
    expect(published.status).toMatchObject({ publishedBy: 'alice', selfLock: { git: { ref: 'p/v1' } } });
    expect(await refs(r)).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
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

  test('moves the latest label to the new revision, and back when that is deleted', async () => {
    const r = await repository();
    await trial.create(r, 'p', 'v1');
    await trial.publish(`${r}.p.v1`);
    await trial.create(r, 'p', 'v2', { type: 'edit', edit: { sourceRef: { name: `${r}.p.v1` } } });
    await trial.publish(`${r}.p.v2`);
    const labelled = (name: string) => trial.get(name)?.metadata.labels?.['kpt.dev/latest-revision'];
    expect([labelled(`${r}.p.v1`), labelled(`${r}.p.v2`)]).toEqual([undefined, 'true']);
    await expect(trial.remove(`${r}.p.v2`)).rejects.toMatchObject({
      code: 403,
      message: expect.stringContaining("'DeletionProposed' prior to deletion"),
    });
    await trial.setLifecycle(`${r}.p.v2`, 'DeletionProposed');
    await trial.remove(`${r}.p.v2`);
    expect([labelled(`${r}.p.v1`), trial.get(`${r}.p.v2`)]).toEqual(['true', undefined]);
    expect(await refs(r)).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
  });

  test('absorbs what others do to the branch meanwhile', async () => {
    const r = await repository();
    await trial.create(r, 'p', 'w');
    await trial.setLifecycle(`${r}.p.w`, 'Proposed');
    const other = await trial.git(r, 'commit-tree', 'main^{tree}', '-p', 'main', '-m', 'Other work');
    await trial.git(r, 'update-ref', 'refs/heads/main', other);
    await trial.setLifecycle(`${r}.p.w`, 'Published');
    expect(await trial.git(r, 'rev-parse', 'p/v1^1')).toBe(other);
  });

  test('never moves a tag that someone else has made', async () => {
    const r = await repository();
    await trial.create(r, 'p', 'w');
    await trial.setLifecycle(`${r}.p.w`, 'Proposed');
    await trial.git(r, 'tag', 'p/v1', 'main');
    const taken = await trial.git(r, 'rev-parse', 'p/v1');
    const published = await trial.setLifecycle(`${r}.p.w`, 'Published');
    expect(published.spec.revision).toBe(2);
    expect(await trial.git(r, 'rev-parse', 'p/v1')).toBe(taken);
  });

  test('refuses when someone else has moved the draft', async () => {
    const r = await repository();
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
    const r = await repository();
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

  test('the time of publication is that of the commit, as others will read it', async () => {
    const r = await repository();
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
    const r = await repository();
    await trial.create(r, 'p', 'w');
    await trial.setLifecycle(`${r}.p.w`, 'Proposed');
    await trial.mirrored(`${r}.p.w`);
    const [before, revision] = [await refs(r), trial.parts.cache.revision];
    const object = await trial.update(
      `${r}.p.w`,
      (o) => {
        o.spec.lifecycle = 'Published';
      },
      'approval',
      true,
    );
    expect(object.spec).toMatchObject({ lifecycle: 'Published', revision: 1 });
    expect(object.status.selfLock?.git).toMatchObject({ ref: 'p/v1' });
    expect(object.status.selfLock?.git).not.toHaveProperty('commit');
    const { resourceVersion } = trial.get(`${r}.p.w`)?.metadata ?? {};
    expect(object.metadata.resourceVersion, 'or kubectl diff shows it as gone').toBe(resourceVersion);
    expect(await refs(r)).toEqual(before);
    expect(trial.parts.cache.revision).toBe(revision);
  });
});

describe('deleting', () => {
  test('a draft goes with its branch', async () => {
    const r = await repository();
    await trial.create(r, 'p', 'w');
    await trial.mirrored(`${r}.p.w`);
    await trial.remove(`${r}.p.w`);
    expect(trial.get(`${r}.p.w`)).toBeUndefined();
    await trial.mirrored(`${r}.p.w`);
    expect(await refs(r)).toEqual(['refs/heads/main']);
    expect((await trial.sync(r)).revisions).toBe(0);
  });

  test('a draft can be made again under the same name, with another UID', async () => {
    const r = await repository();
    const first = await trial.create(r, 'p', 'w');
    await trial.mirrored(`${r}.p.w`);
    await trial.remove(`${r}.p.w`);
    const second = await trial.create(r, 'p', 'w');
    expect(second.metadata.uid).not.toBe(first.metadata.uid);
    await trial.mirrored(`${r}.p.w`);
    expect(await trial.git(r, 'rev-list', '--count', 'drafts/p/w')).toBe('2');
  });

  test('what others were cloned from stays', async () => {
    const r = await repository();
    await trial.create(r, 'up', 'v1');
    await trial.publish(`${r}.up.v1`);
    await trial.create(r, 'down', 'v1', {
      type: 'clone',
      clone: { upstreamRef: { upstreamRef: { name: `${r}.up.v1` } } },
    });
    await trial.setLifecycle(`${r}.up.v1`, 'DeletionProposed');
    await expect(trial.remove(`${r}.up.v1`)).rejects.toMatchObject({
      code: 403,
      message: expect.stringContaining(`referenced as upstream by: ${r}.down.v1`),
    });
  });

  test('the placeholder takes the package off the branch', async () => {
    const r = await repository();
    await trial.create(r, 'p', 'v1');
    await trial.publish(`${r}.p.v1`);
    await trial.setLifecycle(`${r}.p.main`, 'DeletionProposed');
    await trial.mirrored(`${r}.p.main`);
    expect(await refs(r)).toContain('refs/heads/deletionProposed/p/main');
    await trial.remove(`${r}.p.main`);
    expect(await refs(r)).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
    expect(await trial.git(r, 'ls-tree', 'main')).toBe('');
    expect(await trial.git(r, 'log', '-1', '--format=%s', 'main')).toBe('Delete p');
  });

  test('finalizers keep the object until they are gone', async () => {
    const r = await repository();
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
    await trial.update(`${r}.p.w`, (object) => {
      object.metadata.finalizers = [];
    });
    expect(trial.get(`${r}.p.w`)).toBeUndefined();
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PackageRevision } from '../resources/package-revision.ts';
import type { PackageRevisionResources } from '../resources/package-revision-resources.ts';
import { startTrial, type Trial } from './trial.test-support.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(() => trial?.close());

describe('drafts', () => {
  test('are stored at once and reach their branch with one commit a change', async () => {
    const r = await trial.newRepository();
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
    const r = await trial.newRepository();
    const draft = await trial.create(r, 'p', 'w');
    await trial.mirrored(`${r}.p.w`);
    expect(trial.get(`${r}.p.w`)?.metadata.resourceVersion).toBe(draft.metadata.resourceVersion);
  });

  test('an update that changes no file writes nothing', async () => {
    const r = await trial.newRepository();
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
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'w');
    const files = await trial.resources(`${r}.p.w`);
    await trial.update(`${r}.p.w`, (object) => {
      object.metadata.labels = { team: 'blue' };
    });
    expect((await trial.resources(`${r}.p.w`)).metadata.resourceVersion).toBe(files.metadata.resourceVersion);
  });

  test('a stale resourceVersion is a conflict, a missing one is named', async () => {
    const r = await trial.newRepository();
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
    const r = await trial.newRepository();
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

  test('who owns which of the files stays when metadata of the package goes into the Kptfile', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'w');
    const managedFields = [
      { manager: 'm', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: {} },
    ];
    const own = (current: unknown) => {
      const object = structuredClone(current) as PackageRevisionResources;
      return { ...object, metadata: { ...object.metadata, managedFields } } as PackageRevisionResources;
    };
    await trial.engine.updatePackageResources(trial.context, `${r}.p.w`, own, { dryRun: false, fieldManager: 'm' });
    await trial.update(`${r}.p.w`, (object) => {
      object.spec.packageMetadata = { labels: { tier: 'one' } };
    });
    expect((await trial.resources(`${r}.p.w`)).metadata.managedFields).toEqual(managedFields);
  });

  test('nothing is written for a client that no longer waits', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'w');
    const before = trial.get(`${r}.p.w`);
    const context = { ...trial.context, signal: AbortSignal.abort(new Error('it has gone')) };
    const label = (current: unknown) => {
      const object = structuredClone(current) as PackageRevision;
      return { ...object, metadata: { ...object.metadata, labels: { a: 'b' } } };
    };
    const options = { dryRun: false, fieldManager: 'test' };
    await expect(trial.engine.updatePackageRevision(context, `${r}.p.w`, label, options)).rejects.toThrow(
      'it has gone',
    );
    expect(trial.get(`${r}.p.w`)).toEqual(before);
  });

  test('metadata of the package that an update does not name stays', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'w');
    await trial.update(`${r}.p.w`, (object) => {
      object.spec.packageMetadata = { labels: { tier: 'one' } };
    });
    const updated = await trial.update(`${r}.p.w`, (object) => {
      delete object.spec.packageMetadata;
      object.spec.readinessGates = [{ conditionType: 'Tested' }];
    });
    expect(updated.spec).toMatchObject({
      packageMetadata: { labels: { tier: 'one' } },
      readinessGates: [{ conditionType: 'Tested' }],
    });
  });

  test('a failing pipeline is refused with the function named, and nothing is stored', async () => {
    const r = await trial.newRepository();
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
    const r = await trial.newRepository();
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
    const labelled = trial.update(`${r}.p.w`, (object) => {
      object.spec.packageMetadata = { labels: { tier: 'one' } };
    });
    await expect(labelled).rejects.toMatchObject({
      code: 400,
      message: expect.stringContaining('NOT pushed to remote'),
    });
    expect(await trial.resources(`${r}.p.w`)).toEqual(after);
  });

  test('what had failed to render is rendered again when it is proposed, or sent again', async () => {
    const r = await trial.newRepository();
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
    const r = await trial.newRepository();
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
    const r = await trial.newRepository();
    await trial.create(r, 'p', 'w');
    const update = trial.setFiles(`${r}.p.w`, (files) => {
      files['../evil'] = 'x';
    });
    await expect(update).rejects.toMatchObject({
      code: 400,
      message: expect.stringMatching(/"\.\.\/evil": invalid resource path: must not/),
    });
  });
});

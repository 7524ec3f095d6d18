import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Files, Remote } from '../../../../e2e/harness/remote.ts';
import type { Task } from '../resources/package-revision.ts';
import { startTrial, type Trial } from './trial.test-support.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(() => trial?.close());

const kptfile = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n';
const copyOf = (name: string): Task => ({ type: 'edit', edit: { sourceRef: { name } } });

async function repository(name: string, files: Files = {}): Promise<Remote> {
  await trial.addRepository(name);
  const remote = new Remote(trial.gitServer.directory(name));
  if (Object.keys(files).length > 0) await remote.push('main', files);
  return remote;
}

describe('tags that were made by hand', () => {
  test('are listed, counted on from, and never moved', async () => {
    const remote = await repository('tagged', { 'p/Kptfile': kptfile });
    const names = ['v1', 'v7', 'v1.2.3', 'latest'];
    for (const tag of names) await remote.git('update-ref', `refs/tags/p/${tag}`, 'main');
    const before = await remote.refs();
    await trial.sync('tagged');
    const listed = names.map((tag) => trial.get(`tagged.p.${tag}`)?.spec.revision);
    expect(listed).toEqual([1, 7, -1, -1]);

    await trial.create('tagged', 'p', 'next', copyOf('tagged.p.v7'));
    expect((await trial.publish('tagged.p.next')).spec.revision).toBe(8);
    const after = await remote.refs();
    expect(Object.keys(after).filter((ref) => !(ref in before))).toEqual(['tags/p/v8']);
    for (const tag of names) expect(after[`tags/p/${tag}`]).toBe(before[`tags/p/${tag}`]);
  });

  test('are read as such when the commit has an annotation that makes no sense, or is about something else', async () => {
    const remote = await repository('noted', { 'p/Kptfile': kptfile });
    const annotations = [
      'kpt:{"package":"p","workspaceName":',
      'kpt:[1,2]',
      'kpt:{"package":"q","workspaceName":"w","revision":"1"}',
      'kpt:{"package":"p","workspaceName":7,"revision":{},"task":"x"}',
    ];
    const commits: string[] = [];
    for (const [index, annotation] of annotations.entries()) {
      const message = `By hand\n\n${annotation}`;
      const commit = await remote.git('commit-tree', 'main^{tree}', '-p', 'main', '-m', message);
      await remote.git('update-ref', `refs/tags/p/v${index + 1}`, commit);
      commits.push(commit);
    }
    await trial.sync('noted');
    for (const [index, commit] of commits.entries()) {
      const found = trial.get(`noted.p.v${index + 1}`);
      const expected = {
        packageName: 'p',
        workspaceName: `v${index + 1}`,
        revision: index + 1,
        lifecycle: 'Published',
      };
      expect(found?.spec, annotations[index]).toMatchObject(expected);
      expect(found?.spec.tasks ?? [], annotations[index]).toEqual([]);
      expect(found?.status.selfLock?.git?.commit).toBe(commit);
    }
  });
});

describe('a branch that somebody moves between proposal and approval', () => {
  test('takes the approval on top, where they have changed the same package as well', async () => {
    const remote = await repository('moving');
    await trial.create('moving', 'p', 'one');
    await trial.publish('moving.p.one');
    await trial.create('moving', 'p', 'two', copyOf('moving.p.one'));
    await trial.setFiles('moving.p.two', (files) => {
      files['ours.txt'] = 'ours';
    });
    await trial.setLifecycle('moving.p.two', 'Proposed');
    await trial.mirrored('moving.p.two');
    const theirs = await remote.push('main', { 'p/theirs.txt': 'theirs', 'elsewhere.txt': 'theirs' });
    const approved = await trial.setLifecycle('moving.p.two', 'Published');
    expect(approved.spec.revision).toBe(2);
    const head = await remote.commit('refs/heads/main');
    expect(head.parents[0]).toBe(theirs);
    expect((await remote.refs())['tags/p/v2']).toBe(head.id);
    // What is approved is what was proposed: the package as its draft has it, and everything else as they have it.
    expect(Object.keys(await remote.files('main')).sort()).toEqual([
      'elsewhere.txt',
      'p/Kptfile',
      'p/README.md',
      'p/ours.txt',
      'p/package-context.yaml',
    ]);
  });
});

describe('a branch in the way of those of a package', () => {
  test('keeps its drafts from Git, and neither others nor its own publication', async () => {
    const remote = await repository('blocked');
    for (const branch of ['drafts/p', 'proposed/p']) await remote.git('update-ref', `refs/heads/${branch}`, 'main');
    await trial.create('blocked', 'p', 'w');
    await trial.create('blocked', 'q', 'w');
    await trial.mirrored('blocked.q.w');
    await expect(trial.mirrored('blocked.p.w')).rejects.toThrow('refs/heads/drafts/p/w');
    expect((await trial.publish('blocked.q.w')).spec.revision).toBe(1);
    expect((await trial.publish('blocked.p.w')).spec.revision).toBe(1);
    expect(Object.keys(await remote.refs()).sort()).toEqual([
      'heads/drafts/p',
      'heads/main',
      'heads/proposed/p',
      'tags/p/v1',
      'tags/q/v1',
    ]);
    expect(trial.parts.queue.backlog('default', 'blocked').waiting).toBe(0);
  });
});

describe('a draft that somebody has pushed', () => {
  const pipeline = (image: string) =>
    `${kptfile}pipeline:\n  mutators:\n    - image: ${image}\n      configMap:\n        a: b\n`;
  const config = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n';

  test('is rendered when it is proposed, as its files never were', async () => {
    const remote = await repository('pushed');
    await remote.push('drafts/p/w', { 'p/Kptfile': pipeline('set-labels:v0.2'), 'p/c.yaml': config }, { from: 'main' });
    await trial.sync('pushed');
    await trial.setLifecycle('pushed.p.w', 'Proposed');
    expect((await trial.resources('pushed.p.w')).spec.resources?.['c.yaml']).toContain('a: b');
    await trial.mirrored('pushed.p.w');
    expect((await remote.commit('proposed/p/w')).message).toMatch(/^Rendering package\n/);
  });

  test('stays a draft when it cannot be rendered', async () => {
    const remote = await repository('broken');
    for (const [name, text] of Object.entries({ unknown: pipeline('no-such-function'), open: 'pipeline: [' })) {
      await remote.push(`drafts/${name}/w`, { [`${name}/Kptfile`]: text }, { from: 'main' });
    }
    await trial.sync('broken');
    for (const name of ['unknown', 'open']) {
      await expect(trial.setLifecycle(`broken.${name}.w`, 'Proposed')).rejects.toMatchObject({ code: 400 });
      expect(trial.get(`broken.${name}.w`)?.spec.lifecycle).toBe('Draft');
    }
  });

  test('gets no commit when rendering it changes nothing', async () => {
    const remote = await repository('rendered');
    const status = 'status:\n  conditions:\n    - type: Rendered\n      status: "True"\n      reason: RenderSuccess\n';
    await remote.push('drafts/p/w', { 'p/Kptfile': kptfile + status }, { from: 'main' });
    const before = await remote.id('heads/drafts/p/w');
    await trial.sync('rendered');
    await trial.setLifecycle('rendered.p.w', 'Proposed');
    await trial.mirrored('rendered.p.w');
    expect(await remote.id('heads/proposed/p/w')).toBe(before);
  });

  test('keeps what its Kptfile says beyond what is shown, and an update changes only what it is about', async () => {
    const remote = await repository('large');
    const long = 'x'.repeat(70_000);
    const told = (rest: string) => `${kptfile}${rest}status:\n  conditions:\n    - type: Own\n      status: "True"\n`;
    const hidden = `  annotations:\n    long: ${long}\n  labels:\n    a: b\n`;
    const cut = `      message: ${long}\n`;
    await remote.push('drafts/p/w', { 'p/Kptfile': told(hidden) }, { from: 'main' });
    await remote.push('drafts/q/w', { 'q/Kptfile': told('') + cut }, { from: 'main' });
    await trial.sync('large');
    expect(trial.get('large.p.w')?.spec.packageMetadata).toEqual({});
    const text = async (name: string) => (await trial.resources(name)).spec.resources?.Kptfile;

    await trial.update('large.p.w', ({ spec }) => {
      spec.readinessGates = [{ conditionType: 'Own' }];
    });
    expect(await text('large.p.w')).toContain(hidden);
    expect(await text('large.p.w')).toContain('- type: Own\n');
    expect(await text('large.p.w')).toContain('- conditionType: Own\n');
    for (const name of ['large.p.w', 'large.q.w']) await trial.setLifecycle(name, 'Proposed');
    expect(await text('large.p.w')).toContain(hidden);
    expect(await text('large.q.w')).toContain(cut);
  });
});

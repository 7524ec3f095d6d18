import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from './harness/api-client.ts';
import { eventually, eventuallyHolds } from './harness/eventually.ts';
import { expectStatus, type Packages } from './harness/packages.ts';
import { Remote } from './harness/remote.ts';
import { startWorld, type World } from './harness/world.ts';

const server = 'Package Orchestration Service <porch@kpt.dev>';
const admin = 'admin <admin>';
const initTask = { type: 'init', init: { description: 'A package for tests' } };

const configMap = (name: string, value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  value: "${value}"\n`;

let world: World;
let packages: Packages;
beforeAll(async () => {
  world = await startWorld();
  packages = world.packages;
});
afterAll(() => world?.close());

/** Waits until the lifecycle references of the remote are exactly these, and gives all of them. */
async function branches(remote: Remote, expected: readonly string[]): Promise<Record<string, string>> {
  return eventuallyHolds(async () => {
    const refs = await remote.refs();
    const names = Object.keys(refs).filter((ref) => /^heads\/(drafts|proposed|deletionProposed)\//.test(ref));
    expect(names.sort()).toEqual([...expected].sort());
    return refs;
  });
}

/** Waits until a branch ends in a commit of this subject, and gives the commit. */
async function commitWithSubject(remote: Remote, ref: string, subject: string) {
  return eventually(`${ref} at "${subject}"`, async () => {
    const commit = await remote.commit(`refs/${ref}`);
    return commit.message.startsWith(`${subject}\n`) ? commit : undefined;
  });
}

const annotation = (message: string): Json =>
  JSON.parse(/^kpt:(.*)$/m.exec(message)?.[1] ?? expect.fail(`no annotation in ${message}`));

describe('the life of a package, step by step in Git', () => {
  const name = 'life.net.pkg.v1';
  let remote: Remote;
  let start: string;
  let draftHead: string;
  let published: string;
  let broken = false;
  beforeEach(({ skip, onTestFailed }) => {
    if (broken) skip('a step before this one failed');
    onTestFailed(() => {
      broken = true;
    });
  });
  beforeAll(async () => {
    remote = await world.addRepository('life');
    start = await remote.git('rev-parse', 'refs/heads/main');
  });

  it('init makes a draft, and its branch beginning at the head of main', async () => {
    const created = expectStatus(
      await packages.create({
        repository: 'life',
        packageName: 'net/pkg',
        workspaceName: 'v1',
        task: { ...initTask, init: { ...initTask.init, keywords: ['one', 'two'], site: 'https://example.com' } },
      }),
      201,
    );
    expect(created.metadata.name).toBe(name);
    expect(created.spec).toMatchObject({ lifecycle: 'Draft', packageName: 'net/pkg', workspaceName: 'v1' });
    expect(created.spec.tasks).toHaveLength(1);
    expect(created.status.selfLock).toEqual({
      type: 'git',
      git: { repo: world.git.url('life'), directory: 'net/pkg', ref: 'drafts/net/pkg/v1' },
    });
    await branches(remote, ['heads/drafts/net/pkg/v1']);
    const commit = await commitWithSubject(remote, 'heads/drafts/net/pkg/v1', 'Creating new empty revision');
    expect(commit).toMatchObject({ parents: [start], author: admin, committer: server });
    expect(commit.message).toMatch(
      /^Creating new empty revision\n\n\nkpt:\{"package":"net\/pkg","workspaceName":"v1","revision":"0","task":\{"type":"init"/,
    );
    expect(annotation(commit.message).task.init).toEqual({
      description: 'A package for tests',
      keywords: ['one', 'two'],
      site: 'https://example.com',
    });
    const files = await remote.files('refs/heads/drafts/net/pkg/v1');
    expect(Object.keys(files).sort()).toEqual([
      'README.md',
      'net/pkg/Kptfile',
      'net/pkg/README.md',
      'net/pkg/package-context.yaml',
    ]);
    expect(files['net/pkg/Kptfile']).toContain('description: A package for tests');
    expect((await remote.refs())['heads/main']).toBe(start);
  });

  it('replacing resources renders the pipeline and adds one commit', async () => {
    const updated = expectStatus(
      await packages.replaceResources(name, (files) => {
        files['config.yaml'] = `# kept\n${configMap('settings', 'a')}`;
        files.Kptfile = `${files.Kptfile}pipeline:\n  mutators:\n    - image: set-namespace:v0.4.1\n      configMap:\n        namespace: blue\n`;
      }),
      200,
    );
    expect(updated.status.renderStatus.error ?? '').toBe('');
    expect(updated.status.renderStatus.result.exitCode).toBe(0);
    expect(updated.spec.resources['config.yaml']).toContain('namespace: blue');
    expect(updated.spec.resources['config.yaml']).toContain('# kept');
    const read = expectStatus(await packages.resources(name), 200);
    expect(read.spec.resources).toEqual(updated.spec.resources);
    expect(read.metadata.resourceVersion).toBe(updated.metadata.resourceVersion);

    const commit = await commitWithSubject(remote, 'heads/drafts/net/pkg/v1', 'Rendering package');
    expect(commit.parents).toHaveLength(1);
    expect(await remote.git('rev-list', '--count', `${start}..${commit.id}`)).toBe('2');
    expect(annotation(commit.message)).toMatchObject({
      package: 'net/pkg',
      workspaceName: 'v1',
      revision: '0',
      task: { type: 'render' },
    });
    const files = await remote.files(commit.id, 'net/pkg');
    expect(`${files['config.yaml']}\n`).toBe(updated.spec.resources['config.yaml']);
    draftHead = commit.id;
  });

  it('a replacement that changes nothing makes no commit and keeps the resourceVersion', async () => {
    const before = expectStatus(await packages.get(name), 200);
    expectStatus(await packages.replaceResources(name, () => undefined), 200);
    expect(expectStatus(await packages.get(name), 200).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    expect(await remote.id('heads/drafts/net/pkg/v1')).toBe(draftHead);
  });

  it('proposing moves the branch and keeps the commit', async () => {
    expect(expectStatus(await packages.propose(name), 200).spec.lifecycle).toBe('Proposed');
    const refs = await branches(remote, ['heads/proposed/net/pkg/v1']);
    expect(refs['heads/proposed/net/pkg/v1']).toBe(draftHead);
  });

  it('rejecting moves it back', async () => {
    expect(expectStatus(await packages.setLifecycle(name, 'Draft', '/approval'), 200).spec.lifecycle).toBe('Draft');
    const refs = await branches(remote, ['heads/drafts/net/pkg/v1']);
    expect(refs['heads/drafts/net/pkg/v1']).toBe(draftHead);
  });

  it('approving makes one merge commit on main, which the tag names, and removes the branch', async () => {
    expectStatus(await packages.propose(name), 200);
    await branches(remote, ['heads/proposed/net/pkg/v1']);
    const approved = expectStatus(await packages.approve(name), 200);
    const refs = await remote.refs();
    published = refs['tags/net/pkg/v1'] ?? '';
    expect(approved.spec).toMatchObject({ lifecycle: 'Published', revision: 1 });
    expect(approved.metadata.labels).toEqual({ 'kpt.dev/latest-revision': 'true' });
    expect(approved.status).toMatchObject({ publishedBy: 'admin', publishTimestamp: expect.any(String) });
    expect(approved.status.selfLock.git).toEqual({
      repo: world.git.url('life'),
      directory: 'net/pkg',
      ref: 'net/pkg/v1',
      commit: published,
    });
    expect(Object.keys(refs).sort()).toEqual(['heads/main', 'tags/net/pkg/v1']);
    expect(refs['heads/main']).toBe(published);
    const commit = await remote.commit(published);
    expect(commit).toMatchObject({ parents: [start, draftHead], author: admin, committer: server });
    expect(commit.message.trimEnd()).toBe(
      'Approving package revision net/pkg/1\n\nkpt:{"package":"net/pkg","workspaceName":"v1","revision":"1"}',
    );
    expect(await remote.tree(published, 'net/pkg')).toBe(await remote.tree(draftHead, 'net/pkg'));
    expect(await packages.table('life')).toEqual([
      'life.net.pkg.main net/pkg main -1 Published -',
      'life.net.pkg.v1 net/pkg v1 1 Published init',
    ]);
  });

  it('a copy of the published revision is a draft with its content, and becomes number 2 and the latest', async () => {
    const copied = expectStatus(
      await packages.create({
        repository: 'life',
        packageName: 'net/pkg',
        workspaceName: 'second',
        task: { type: 'edit', edit: { sourceRef: { name } } },
      }),
      201,
    );
    expect(copied.spec.tasks).toEqual([{ type: 'edit', edit: { sourceRef: { name } } }]);
    const second = copied.metadata.name;
    // Rendering the copy writes anew into its Kptfile how that went.
    const { Kptfile: _, ...copiedFiles } = expectStatus(await packages.resources(second), 200).spec.resources;
    const { Kptfile: __, ...files } = expectStatus(await packages.resources(name), 200).spec.resources;
    expect(copiedFiles).toEqual(files);
    await branches(remote, ['heads/drafts/net/pkg/second']);
    const commit = await commitWithSubject(
      remote,
      'heads/drafts/net/pkg/second',
      'Creating new revision by copying previous revision',
    );
    expect(commit.parents).toEqual([published]);
    expectStatus(
      await packages.replaceResources(second, (files) => {
        files['more.yaml'] = configMap('more', 'b');
      }),
      200,
    );
    expectStatus(await packages.propose(second), 200);
    const approved = expectStatus(await packages.approve(second), 200);
    expect(approved.spec.revision).toBe(2);
    expect(approved.metadata.labels).toEqual({ 'kpt.dev/latest-revision': 'true' });
    expect(expectStatus(await packages.get(name), 200).metadata.labels ?? {}).toEqual({});
    const refs = await remote.refs();
    expect(Object.keys(refs).sort()).toEqual(['heads/main', 'tags/net/pkg/v1', 'tags/net/pkg/v2']);
    expect(refs['tags/net/pkg/v1']).toBe(published);
    expect(refs['heads/main']).toBe(refs['tags/net/pkg/v2']);
    expect(annotation((await remote.commit('refs/tags/net/pkg/v2')).message)).toEqual({
      package: 'net/pkg',
      workspaceName: 'second',
      revision: '2',
    });
    const main = expectStatus(await packages.resources('life.net.pkg.main'), 200);
    expect(Object.keys(main.spec.resources)).toContain('more.yaml');
  });

  it('proposing deletion adds a branch beside the tag, undoing removes it', async () => {
    expectStatus(await packages.setLifecycle(name, 'DeletionProposed'), 200);
    const refs = await branches(remote, ['heads/deletionProposed/net/pkg/v1']);
    expect(refs['heads/deletionProposed/net/pkg/v1']).toBe(published);
    expect(refs['tags/net/pkg/v1']).toBe(published);
    expectStatus(await packages.setLifecycle(name, 'Published'), 200);
    await branches(remote, []);
    expect((await remote.refs())['tags/net/pkg/v1']).toBe(published);
  });

  it('deleting removes the tag and the branch, and leaves main; the label of the latest goes back', async () => {
    const second = 'life.net.pkg.second';
    const head = await remote.id('heads/main');
    expectStatus(await packages.setLifecycle(second, 'DeletionProposed', '/approval'), 200);
    await branches(remote, ['heads/deletionProposed/net/pkg/v2']);
    expectStatus(await packages.delete(second), 200);
    expectStatus(await packages.get(second), 404);
    expect(await remote.refs()).toEqual({ 'heads/main': head, 'tags/net/pkg/v1': published });
    expect(expectStatus(await packages.get(name), 200).metadata.labels).toEqual({ 'kpt.dev/latest-revision': 'true' });
  });

  it('deleting the branch-tracking revision removes the package from main, and keeps its tags', async () => {
    const main = 'life.net.pkg.main';
    const head = (await remote.id('heads/main')) ?? '';
    expectStatus(await packages.setLifecycle(main, 'DeletionProposed', '/approval'), 200);
    await branches(remote, ['heads/deletionProposed/net/pkg/main']);
    expectStatus(await packages.delete(main), 200);
    expectStatus(await packages.get(main), 404);
    await branches(remote, []);
    const commit = await remote.commit('refs/heads/main');
    expect(commit).toMatchObject({ parents: [head], committer: server });
    expect(commit.message.trimEnd()).toBe('Delete net/pkg');
    expect(Object.keys(await remote.files('refs/heads/main'))).toEqual(['README.md']);
    expect(await remote.id('tags/net/pkg/v1')).toBe(published);
  });

  it('what Git says at the end is what the API shows after another look', async () => {
    const before = await packages.table('life');
    await world.sync('life');
    expect(await packages.table('life')).toEqual(before);
    expect(before).toEqual(['life.net.pkg.v1 net/pkg v1 1 Published init']);
  });
});

describe('drafts and proposals that are deleted', () => {
  it('leave neither branch nor object', async () => {
    const remote = await world.addRepository('gone');
    const before = await remote.refs();
    for (const workspaceName of ['draft', 'proposed']) {
      const wanted = { repository: 'gone', packageName: workspaceName, workspaceName: 'v1', task: initTask };
      const { name } = expectStatus(await packages.create(wanted), 201).metadata;
      if (workspaceName === 'proposed') expectStatus(await packages.propose(name), 200);
      const branch = workspaceName === 'proposed' ? 'proposed' : 'drafts';
      await branches(remote, [`heads/${branch}/${workspaceName}/v1`]);
      expectStatus(await packages.delete(name), 200);
      expectStatus(await packages.get(name), 404);
      await eventuallyHolds(async () => expect(await remote.refs()).toEqual(before));
    }
    expect(await packages.table('gone')).toEqual([]);
  });

  it('can be made again under the same name, with another UID', async () => {
    const wanted = { repository: 'gone', packageName: 'again', workspaceName: 'v1', task: initTask };
    const first = expectStatus(await packages.create(wanted), 201);
    expectStatus(await packages.delete(first.metadata.name), 200);
    const second = expectStatus(await packages.create(wanted), 201);
    expect(second.metadata.name).toBe(first.metadata.name);
    expect(second.metadata.uid).not.toBe(first.metadata.uid);
    expect(second.spec.tasks).toEqual([initTask]);
  });
});

describe('a package in a repository with a directory, an author, and deployment', () => {
  it('stands below the directory in Git and without it in the API', async () => {
    await world.git.createRepository('placed');
    const remote = new Remote(world.git.directory('placed'));
    await remote.push('main', { 'README.md': 'x\n', 'deep/er/.keep': '' });
    await world.register('placed', {
      deployment: true,
      git: { directory: '/deep/er', author: 'Ann Author', email: 'ann@example.com' },
    });
    await world.ready('placed');
    const published = await packages.publish({
      repository: 'placed',
      packageName: 'pkg',
      workspaceName: 'v1',
      task: initTask,
    });
    expect(published.metadata.name).toBe('placed.pkg.v1');
    expect(published.status).toMatchObject({ deployment: true });
    const refs = await remote.refs();
    expect(Object.keys(refs).sort()).toEqual(['heads/main', 'tags/deep/er/pkg/v1']);
    const commit = await remote.commit('refs/tags/deep/er/pkg/v1');
    expect(commit.author).toBe('Ann Author <ann@example.com>');
    expect(commit.committer).toBe(server);
    expect(annotation(commit.message).package).toBe('deep/er/pkg');
    expect(Object.keys(await remote.files('refs/heads/main'))).toContain('deep/er/pkg/Kptfile');
    expect(await packages.table('placed')).toEqual([
      'placed.pkg.main pkg main -1 Published -',
      'placed.pkg.v1 pkg v1 1 Published init',
    ]);
  });
});

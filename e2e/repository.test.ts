import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Json } from './harness/api-client.ts';
import { eventually } from './harness/eventually.ts';
import { expectStatus, packagesPath, repositoriesPath, resourcesPath, revisionsPath } from './harness/packages.ts';
import { Remote } from './harness/remote.ts';
import { createSecret, gitPassword, gitSecret, readyCondition, startWorld, type World } from './harness/world.ts';

const kptfile = (name: string) => `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${name}\n`;
const wrongPassword = 'a-very-wrong-password';

let world: World;
beforeAll(async () => {
  world = await startWorld({ porch: { flags: ['--log-level=debug'] } });
  // A schedule's time comes once a minute at most: this one's while all else is tried.
  const remote = await world.addRepository('scheduled');
  expectStatus(await patchRepository('scheduled', { spec: { sync: { schedule: '* * * * *' } } }), 200);
  await remote.push('main', { 'pkg/Kptfile': kptfile('pkg') });
});
afterAll(() => world?.close());

/** An empty repository on the Git server that nobody has registered. */
async function bare(name: string): Promise<Remote> {
  await world.git.createRepository(name);
  return new Remote(world.git.directory(name));
}

function merge(path: string, patch: Json): Promise<Answer> {
  return world.porch.http('PATCH', path, patch, { 'content-type': 'application/merge-patch+json' });
}

const patchRepository = (name: string, patch: Json) => merge(`${repositoriesPath}/${name}`, patch);

async function exists(name: string): Promise<boolean> {
  return (await world.porch.http('GET', `${repositoriesPath}/${name}`)).status === 200;
}

function unregister(name: string): Promise<Answer> {
  return world.porch.http('DELETE', `${repositoriesPath}/${name}`);
}

describe('a repository that cannot be used', () => {
  it.each<[string, Json, RegExp]>([
    ['whose address nobody answers', { repo: 'http://127.0.0.1:9/none.git' }, /Unreachable.*Git server/s],
    ['that is not there', { repo: 'MISSING' }, /NotFound.*address/s],
    ['without its branch', { branch: 'release' }, /branch "release" not found.*createBranch/s],
    ['without its secret', { secretRef: { name: 'nope' } }, /[Ss]ecret.*"?nope"?/s],
    ['without any secret', { secretRef: null }, /secret|user name|credentials/s],
    ['with the wrong password', { secretRef: { name: 'wrong' } }, /Authentication.*secret/s],
  ])('%s is not Ready, and says why', async (_what, git, message) => {
    const name = `broken-${(broken += 1)}`;
    await createSecret(world.porch, 'wrong', wrongPassword);
    await (await bare(name)).push('main', { 'README.md': 'x\n' });
    const repo = git.repo === 'MISSING' ? { repo: world.git.url('missing') } : {};
    await world.register(name, { git: { ...git, ...repo } });
    const condition = readyCondition(await world.ready(name, 'False'));
    expect(condition.reason).toBe('Error');
    expect(condition.message).toMatch(message);
    for (const secret of [gitPassword, wrongPassword]) {
      expect(condition.message).not.toContain(secret);
      expect(world.porch.output).not.toContain(secret);
      expect(world.porch.output).not.toContain(Buffer.from(`porch:${secret}`).toString('base64'));
    }
    const table = await world.porch.http('GET', `${repositoriesPath}/${name}`, undefined, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    });
    expect(table.json.rows[0].cells).toContain('False');
  });
  let broken = 0;

  it('becomes Ready when its secret is corrected, and stops being so when it is not right any more', async () => {
    const remote = await bare('corrected');
    await remote.push('main', { 'pkg/Kptfile': kptfile('pkg') });
    await createSecret(world.porch, 'changing', wrongPassword);
    await world.register('corrected', { git: { secretRef: { name: 'changing' } } });
    await world.ready('corrected', 'False');
    await createSecret(world.porch, 'changing', gitPassword);
    await world.ready('corrected', 'True');
    expect(await world.packages.table('corrected')).toEqual(['corrected.pkg.main pkg main -1 Published -']);
    await createSecret(world.porch, 'changing', wrongPassword);
    const { message } = readyCondition(await world.ready('corrected', 'False'));
    expect(message).toContain('Authentication');
    // What was read before stays listed.
    expect(await world.packages.table('corrected')).toHaveLength(1);
  });

  it('becomes Ready when its secret appears', async () => {
    await (await bare('late')).push('main', { 'README.md': 'x\n' });
    await world.register('late', { git: { secretRef: { name: 'comes-later' } } });
    await world.ready('late', 'False');
    await createSecret(world.porch, 'comes-later', gitPassword);
    await world.ready('late', 'True');
  });

  it('becomes Ready when it is changed to another secret', async () => {
    await (await bare('renamed')).push('main', { 'README.md': 'x\n' });
    await createSecret(world.porch, 'wrong', wrongPassword);
    await world.register('renamed', { git: { secretRef: { name: 'wrong' } } });
    await world.ready('renamed', 'False');
    expectStatus(await patchRepository('renamed', { spec: { git: { secretRef: { name: gitSecret } } } }), 200);
    await world.ready('renamed', 'True');
  });

  it('takes new package revisions as soon as it is registered, without anybody waiting for it', async () => {
    await world.git.createRepository('at-once');
    await world.register('at-once', { git: { createBranch: true } });
    const wanted = { repository: 'at-once', packageName: 'p', workspaceName: 'v1' };
    expectStatus(await world.packages.create(wanted), 201);
  });

  it('refuses new package revisions with the reason', async () => {
    await world.register('unready', { git: { repo: 'http://127.0.0.1:9/unready.git' } });
    await world.ready('unready', 'False');
    const answer = await world.packages.create({ repository: 'unready', packageName: 'p', workspaceName: 'v1' });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.json.message).toContain('unready');
  });
});

describe('the rules of a Repository', () => {
  it('fills in what is left out, and gets Ready with counts and times', async () => {
    await world.addRepository('complete');
    const { spec, status, metadata } = await world.ready('complete');
    expect(spec).toMatchObject({ content: 'Package', git: { branch: 'main' } });
    expect(metadata.finalizers).toEqual(['config.porch.kpt.dev/repository']);
    expect(status).toMatchObject({
      packageCount: 0,
      gitCommitHash: expect.stringMatching(/^[0-9a-f]{40}$/),
      lastFullSyncTime: expect.any(String),
      nextFullSyncTime: expect.any(String),
    });
    expect(readyCondition({ status })).toMatchObject({ reason: 'Ready', status: 'True' });
  });

  it.each<[string, Json]>([
    ['spec.type', { type: 'oci' }],
    ['spec.git.repo', { git: { repo: 'http://127.0.0.1:9/x.git' } }],
    ['spec.git.branch', { git: { branch: 'other' } }],
    ['spec.git.directory', { git: { directory: 'other' } }],
  ])('keeps %s as it is', async (field, spec) => {
    if (!(await exists('fixed'))) await world.addRepository('fixed');
    const status = expectStatus(await patchRepository('fixed', { spec }), 400);
    expect(status.reason).toBe('Invalid');
    expect(status.message).toContain(`${field} is immutable`);
  });

  it('lets its description change', async () => {
    if (!(await exists('fixed'))) await world.addRepository('fixed');
    const changed = expectStatus(await patchRepository('fixed', { spec: { description: 'now with words' } }), 200);
    expect(changed.spec.description).toBe('now with words');
    expect((await world.ready('fixed')).spec.description).toBe('now with words');
  });

  it.each<[string, Json, RegExp]>([
    [
      'a name with dots',
      { metadata: { name: 'a.b' } },
      /metadata\.name must conform to the RFC1123 DNS label standard/,
    ],
    ['a name that is too long', { metadata: { name: 'a'.repeat(64) } }, /no more than 63 characters/],
    [
      'a password in the URL',
      { spec: { type: 'git', git: { repo: 'http://u:s3cr3t@127.0.0.1:9/x.git' } } },
      /user information/,
    ],
    ['a local path', { spec: { type: 'git', git: { repo: '/srv/repo.git' } } }, /local repositories are not allowed/],
    ['no git', { spec: { type: 'git' } }, /spec\.git/],
    [
      'a schedule that is none',
      { spec: { type: 'git', git: { repo: 'http://127.0.0.1:9/x.git' }, sync: { schedule: 'sometimes' } } },
      /spec\.sync\.schedule/,
    ],
    [
      'a branch of the server',
      { spec: { type: 'git', git: { repo: 'http://127.0.0.1:9/x.git', branch: 'drafts/x' } } },
      /spec\.git\.branch/,
    ],
  ])('is not registered with %s', async (_what, more, message) => {
    const answer = await world.porch.http('POST', repositoriesPath, {
      apiVersion: 'config.porch.kpt.dev/v1alpha1',
      kind: 'Repository',
      metadata: { name: 'refused' },
      spec: { type: 'git', git: { repo: 'http://127.0.0.1:9/x.git' } },
      ...more,
    });
    expect(expectStatus(answer, 400).message).toMatch(message);
    expect(answer.text).not.toContain('s3cr3t');
    expect(await exists('refused')).toBe(false);
  });

  it('is refused where another one has the same packages', async () => {
    await world.addRepository('whole');
    for (const directory of ['/', '/some']) {
      const answer = await world.porch.http('POST', repositoriesPath, {
        apiVersion: 'config.porch.kpt.dev/v1alpha1',
        kind: 'Repository',
        metadata: { name: 'part' },
        spec: { type: 'git', git: { repo: world.git.url('whole'), directory, secretRef: { name: gitSecret } } },
      });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.json.message).toContain('Repository conflict with existing repository: default/whole');
    }
  });

  it('may have its branch made, in an empty repository too', async () => {
    const remote = await bare('empty');
    await world.register('empty', { git: { branch: 'trunk', createBranch: true } });
    await world.ready('empty');
    const commit = await remote.commit('refs/heads/trunk');
    expect(commit.parents).toEqual([]);
    expect(commit.message.trimEnd()).toBe('Initial commit: Creating trunk branch');
    expect(await remote.files('refs/heads/trunk')).toEqual({ 'README.md': 'Created by porch' });
    const published = await world.packages.publish({ repository: 'empty', packageName: 'pkg', workspaceName: 'v1' });
    expect(await remote.id('heads/trunk')).toBe(published.status.selfLock.git.commit);
    expect(await world.packages.table('empty')).toEqual([
      'empty.pkg.trunk pkg trunk -1 Published -',
      'empty.pkg.v1 pkg v1 1 Published init',
    ]);
  });
});

describe("somebody else's push", () => {
  it('appears, with events for all who watch, after a synchronisation that was asked for', async () => {
    const remote = await world.addRepository('pushed');
    const { metadata } = await world.packages.list();
    const after = `?resourceVersion=${metadata.resourceVersion}`;
    const revisions = await world.porch.watch(revisionsPath + after);
    const resources = await world.porch.watch(resourcesPath + after);
    const packages = await world.porch.watch(packagesPath + after);

    await remote.push('main', { 'theirs/Kptfile': kptfile('theirs'), 'theirs/a.txt': '1\n' }, { tags: ['theirs/v1'] });
    await remote.push('drafts/mine/w1', { 'mine/Kptfile': kptfile('mine') }, { from: 'refs/heads/main' });
    await world.sync('pushed');
    expect(await world.packages.table('pushed')).toEqual([
      'pushed.mine.w1 mine w1 0 Draft -',
      'pushed.theirs.main theirs main -1 Published -',
      'pushed.theirs.v1 theirs v1 1 Published -',
    ]);
    for (const name of ['pushed.mine.w1', 'pushed.theirs.main', 'pushed.theirs.v1']) {
      const added = await revisions.find(name, ({ type, object }) => type === 'ADDED' && object.metadata.name === name);
      expect(Number(added.object.metadata.resourceVersion)).toBeGreaterThan(Number(metadata.resourceVersion));
      await resources.find(name, ({ type, object }) => type === 'ADDED' && object.metadata.name === name);
    }
    await packages.find('package', ({ type, object }) => type === 'ADDED' && object.metadata.name === 'pushed.theirs');

    await remote.push('main', { 'theirs/a.txt': '2\n' });
    await remote.push('drafts/mine/w1', { 'mine/b.txt': 'b\n' });
    await remote.git('update-ref', '-d', 'refs/tags/theirs/v1');
    await world.sync('pushed');
    await revisions.find(
      'the tag gone',
      ({ type, object }) => type === 'DELETED' && object.metadata.name === 'pushed.theirs.v1',
    );
    const changed = await resources.find(
      'the draft changed',
      ({ type, object }) => type === 'MODIFIED' && object.metadata.name === 'pushed.mine.w1',
    );
    expect(changed.object.spec.resources['b.txt']).toBe('b\n');
    const main = expectStatus(await world.packages.resources('pushed.theirs.main'), 200);
    expect(main.spec.resources['a.txt']).toBe('2\n');
    for (const watch of [revisions, resources, packages]) watch.leave();
  });

  it('that changes nothing of a package gives no events', async () => {
    const remote = await world.addRepository('quiet');
    await remote.push('main', { 'pkg/Kptfile': kptfile('pkg') });
    await world.sync('quiet');
    const before = expectStatus(await world.packages.get('quiet.pkg.main'), 200);
    await remote.push('main', { 'elsewhere.txt': 'x\n' });
    await world.sync('quiet');
    expect(expectStatus(await world.packages.get('quiet.pkg.main'), 200)).toEqual(before);
  });

  it('that loses most of the tags stops the synchronisation until it is asked for', async () => {
    const remote = await world.addRepository('vanishing');
    const tags = Array.from({ length: 12 }, (_, n) => `pkg/v${n + 1}`);
    await remote.push('main', { 'pkg/Kptfile': kptfile('pkg') }, { tags });
    await world.sync('vanishing');
    expect(await world.packages.table('vanishing')).toHaveLength(13);
    for (const tag of tags.slice(1)) await remote.git('update-ref', '-d', `refs/tags/${tag}`);
    expectStatus(
      await patchRepository('vanishing', { spec: { git: { author: 'Somebody', email: 'a@example.com' } } }),
      200,
    );
    const { reason, message } = readyCondition(await world.ready('vanishing', 'False'));
    expect(reason).toBe('RefsVanished');
    expect(message).toContain('runOnceAt');
    expect(await world.packages.table('vanishing')).toHaveLength(13);
    await world.sync('vanishing');
    expect(await world.packages.table('vanishing')).toHaveLength(2);
  });
});

describe('unregistering', () => {
  it('removes the revisions, with events, and leaves Git as it was', async () => {
    const remote = await world.addRepository('leaving');
    await world.packages.publish({ repository: 'leaving', packageName: 'pkg', workspaceName: 'v1' });
    expectStatus(
      await world.packages.create({ repository: 'leaving', packageName: 'draft', workspaceName: 'v1' }),
      201,
    );
    const { metadata } = await world.packages.list();
    const after = `?resourceVersion=${metadata.resourceVersion}`;
    const watch = await world.porch.watch(revisionsPath + after);
    const repositories = await world.porch.watch(repositoriesPath + after);
    expectStatus(await unregister('leaving'), 200);
    for (const name of ['leaving.pkg.v1', 'leaving.pkg.main', 'leaving.draft.v1']) {
      await watch.find(name, ({ type, object }) => type === 'DELETED' && object.metadata.name === name);
    }
    await repositories.find('the end', ({ type, object }) => type === 'DELETED' && object.metadata.name === 'leaving');
    watch.leave();
    repositories.leave();
    expect(await exists('leaving')).toBe(false);
    expect(await world.packages.table('leaving')).toEqual([]);
    const refs = Object.keys(await remote.refs()).sort();
    expect(refs).toEqual(['heads/drafts/draft/v1', 'heads/main', 'tags/pkg/v1']);

    await world.register('leaving');
    await world.ready('leaving');
    expect(await world.packages.table('leaving')).toEqual([
      'leaving.draft.v1 draft v1 0 Draft init',
      'leaving.pkg.main pkg main -1 Published -',
      'leaving.pkg.v1 pkg v1 1 Published init',
    ]);
  });

  it('a namespace takes its repositories along, and leaves Git as it was', async () => {
    const remote = await bare('spaced');
    await remote.push('main', { 'pkg/Kptfile': kptfile('pkg') }, { tags: ['pkg/v1'] });
    const before = await remote.refs();
    const { porch } = world;
    await registerIn('team', 'spaced');
    const revision = `${revisionsPath.replace('default', 'team')}/spaced.pkg.v1`;
    await eventually('its revision', async () => (await porch.http('GET', revision)).status === 200);
    const { status } = expectStatus(await porch.http('DELETE', '/api/v1/namespaces/team'), 200);
    expect(status).toEqual({ phase: 'Terminating' });
    await eventually('the end of the namespace', async () => {
      return (await porch.http('GET', '/api/v1/namespaces/team')).status === 404;
    });
    expect((await porch.http('GET', revision)).status).toBe(404);
    expect(await remote.refs()).toEqual(before);
  });

  it('a namespace says what it waits for', async () => {
    const remote = await bare('held');
    await remote.push('main', { 'README.md': 'held\n' });
    await remote.git('config', 'receive.maxInputSize', '1');
    await registerIn('waiting', 'held');
    const { porch } = world;
    const draft = {
      apiVersion: 'porch.kpt.dev/v1alpha1',
      kind: 'PackageRevision',
      spec: { repository: 'held', packageName: 'pkg', workspaceName: 'v1' },
    };
    await eventually('a draft', async () => {
      return (await porch.http('POST', revisionsPath.replace('default', 'waiting'), draft)).status === 201;
    });
    expectStatus(await porch.http('DELETE', '/api/v1/namespaces/waiting'), 200);
    const conditions = await eventually('its conditions', async () => {
      return expectStatus(await porch.http('GET', '/api/v1/namespaces/waiting'), 200).status.conditions;
    });
    expect(conditions).toMatchObject([
      {
        type: 'NamespaceContentRemaining',
        status: 'True',
        message: expect.stringMatching(
          /packagerevisions\.porch\.kpt\.dev has 1 resource instances.*Repository held: .*held\.pkg\.v1/,
        ),
      },
      { type: 'NamespaceFinalizersRemaining', status: 'True' },
    ]);
    await remote.git('config', '--unset', 'receive.maxInputSize');
    const body = { metadata: { annotations: { 'porch.kpt.dev/discard-drafts': 'true' } } };
    const path = `${repositoriesPath.replace('default', 'waiting')}/held`;
    expectStatus(await porch.http('PATCH', path, body, { 'content-type': 'application/merge-patch+json' }), 200);
    await eventually('the end of the namespace', async () => {
      return (await porch.http('GET', '/api/v1/namespaces/waiting')).status === 404;
    });
  });
});

// The last one: it has nothing to do but to wait.
it('a push appears by the schedule, which may be set and removed', async () => {
  await world.packages.appeared('scheduled.pkg.main');
  expectStatus(await patchRepository('scheduled', { spec: { sync: { schedule: '@yearly' } } }), 200);
  const { status } = await eventually('the next time', async () => {
    const object = expectStatus(await world.porch.http('GET', `${repositoriesPath}/scheduled`), 200);
    return object.status.nextFullSyncTime?.includes('-01-01T00:00:00Z') ? object : undefined;
  });
  expect(Date.parse(status.nextFullSyncTime)).toBeGreaterThan(Date.now());
});

/** Makes a namespace and registers a remote there, with the credentials of the default namespace. */
async function registerIn(namespace: string, name: string): Promise<void> {
  const { porch } = world;
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  expectStatus(await porch.http('POST', '/api/v1/namespaces', object), 201);
  const secret = expectStatus(await porch.http('GET', `/api/v1/namespaces/default/secrets/${gitSecret}`), 200);
  const copy = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: gitSecret },
    type: secret.type,
    data: secret.data,
  };
  expectStatus(await porch.http('POST', `/api/v1/namespaces/${namespace}/secrets`, copy), 201);
  const repository = {
    apiVersion: 'config.porch.kpt.dev/v1alpha1',
    kind: 'Repository',
    metadata: { name },
    spec: { type: 'git', git: { repo: world.git.url(name), secretRef: { name: gitSecret } } },
  };
  expectStatus(await porch.http('POST', repositoriesPath.replace('default', namespace), repository), 201);
}

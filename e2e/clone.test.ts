import { type Authority, createAuthority } from '@porch/apiserver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Json } from './harness/api-client.ts';
import { eventually } from './harness/eventually.ts';
import { type GitServer, startGitServer } from './harness/git-server.ts';
import { expectStatus, type Packages } from './harness/packages.ts';
import { Remote } from './harness/remote.ts';
import { gitPassword, gitSecret, startWorld, type World } from './harness/world.ts';

const kptfile = (name: string) =>
  `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${name}\ninfo:\n  description: By hand\n`;
const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  a: b\n`;

let world: World;
let packages: Packages;
let upstream: Remote;
let url: string;
const commits: Record<string, string> = {};

beforeAll(async () => {
  world = await startWorld({ porch: { protocol: 'http/1.1' } });
  packages = world.packages;
  upstream = await world.addRepository('upstream');
  await world.addRepository('downstream');
  await world.addRepository('deployed', { deployment: true });

  // A repository that is not registered, with packages that were never published by a server.
  url = await world.git.createRepository('outside');
  const outside = new Remote(world.git.directory('outside'));
  commits.tag = await outside.push(
    'main',
    { 'lib/web/Kptfile': kptfile('web'), 'lib/web/a.yaml': configMap('old') },
    { tags: ['release-1'] },
  );
  await outside.git('tag', 'files-1', 'release-1^{tree}');
  commits.packageTag = await outside.push('main', { 'lib/web/a.yaml': configMap('tagged') }, { tags: ['lib/web/v3'] });
  commits.main = await outside.push('main', { 'lib/web/a.yaml': configMap('main'), Kptfile: kptfile('root') });
});
afterAll(() => world?.close());

let count = 0;
/** Clones from the unregistered repository into a package of its own. */
function cloneGit(git: Json, repository = 'downstream', packageName = `clone-${++count}`) {
  return packages.create({
    repository,
    packageName,
    workspaceName: 'v1',
    task: {
      type: 'clone',
      clone: { upstreamRef: { type: 'git', git: { repo: url, secretRef: { name: gitSecret }, ...git } } },
    },
  });
}

function cloneRegistered(name: string, repository = 'downstream', packageName = `clone-${++count}`) {
  return packages.create({
    repository,
    packageName,
    workspaceName: 'v1',
    task: { type: 'clone', clone: { upstreamRef: { upstreamRef: { name } } } },
  });
}

async function filesOf(name: string): Promise<Record<string, string>> {
  return expectStatus(await packages.resources(name), 200).spec.resources;
}

describe('a clone of a Git URL', () => {
  it.each<[string, Json, string, string | undefined, string, string?]>([
    ['a branch', { ref: 'main', directory: 'lib/web' }, 'main', 'main', 'lib/web'],
    ['the default branch', { ref: 'HEAD', directory: 'lib/web' }, 'main', 'main', 'lib/web', 'main'],
    ['an empty reference', { ref: '', directory: 'lib/web' }, 'main', 'main', 'lib/web', 'main'],
    ['a reference left out', { directory: 'lib/web' }, 'main', 'main', 'lib/web', 'main'],
    ['a tag', { ref: 'release-1', directory: 'lib/web' }, 'tag', 'old', 'lib/web'],
    ['a tag of the package', { ref: 'v3', directory: 'lib/web' }, 'packageTag', 'tagged', 'lib/web'],
    ['a leading slash', { ref: 'main', directory: '/lib/web' }, 'main', 'main', 'lib/web'],
    ['the root', { ref: 'main', directory: '/' }, 'main', undefined, ''],
  ])('%s', async (_what, git, commit, configMapName, directory, ref = git.ref) => {
    const created = expectStatus(await cloneGit(git), 201);
    const files = await filesOf(created.metadata.name);
    if (configMapName === undefined) expect(Object.keys(files)).toContain('lib/web/a.yaml');
    else expect(files['a.yaml']).toContain(`name: ${configMapName}`);
    expect(files.Kptfile).toContain(`name: ${created.spec.packageName}`);
    expect(files.Kptfile).toContain('upstreamLock:');
    const { git: lock } = created.status.upstreamLock;
    expect({ directory: '', ...lock }).toEqual({ repo: url, directory, ref, commit: commits[commit] });
    expect(parse(files.Kptfile ?? '').upstream.git).toMatchObject({ repo: url, ref });
    const remote = new Remote(world.git.directory('downstream'));
    const branch = `refs/heads/drafts/${created.spec.packageName}/v1`;
    const made = await eventually(branch, () => remote.commit(branch));
    expect(made.message).toMatch(/^Creating new revision by cloning\n/);
    expect(made.message).not.toContain(gitPassword);
  });

  it('of no branch at all is refused where there is no default', async () => {
    const empty = await world.git.createRepository('empty');
    const answer = await cloneGit({ repo: empty, ref: '', directory: '' });
    expect(answer.status).toBe(400);
    expect(answer.json.message).toMatch(/git\.ref.*no default branch; name a branch, tag or commit/);
  });

  it.each<[string, (id: string) => string]>([
    ['by its id', (id) => id],
    ['by the beginning of its id', (id) => id.slice(0, 7)],
    ['by its id in capitals', (id) => id.toUpperCase()],
  ])('of a commit %s', async (_what, spelt) => {
    const ref = spelt(commits.tag ?? '');
    const created = expectStatus(await cloneGit({ ref, directory: 'lib/web' }), 201);
    expect((await filesOf(created.metadata.name))['a.yaml']).toContain('name: old');
    expect(created.status.upstreamLock.git).toMatchObject({ ref, commit: commits.tag });
  });

  it.each<[string, Json, RegExp]>([
    ['a reference that is not there', { ref: 'nope', directory: 'lib/web' }, /git\.ref.*no such branch, tag or commit/],
    ['a tag of what is no commit', { ref: 'files-1', directory: 'lib/web' }, /git\.ref.*no such branch, tag or commit/],
    ['a directory without Kptfile', { ref: 'main', directory: 'lib' }, /git\.directory.*no Kptfile/],
    ['a directory that is not there', { ref: 'main', directory: 'nope' }, /git\.directory.*no Kptfile/],
    [
      'a missing secret',
      { ref: 'main', directory: 'lib/web', secretRef: { name: 'nope' } },
      /secret "nope".*Check the Secret named in spec\.tasks\[0\]/,
    ],
    [
      'no secret',
      { ref: 'main', directory: 'lib/web', secretRef: undefined },
      /Name a Secret with credentials for the repository in spec\.tasks\[0\]\.clone\.upstreamRef\.git\.secretRef\.name/,
    ],
    [
      'a repository that is not there',
      { repo: 'http://127.0.0.1:9/x.git', ref: 'main', directory: 'a' },
      /cannot clone/,
    ],
  ])('%s is refused, and leaves nothing', async (_what, git, message) => {
    const answer = await cloneGit(git, 'downstream', 'refused');
    expect(answer.json.message).toMatch(message);
    expect([400, 503]).toContain(answer.status);
    expect((await packages.get('downstream.refused.v1')).status).toBe(404);
    expect((await packages.table('downstream')).filter((row) => row.includes('refused'))).toEqual([]);
  });
});

describe('a Git server with a certificate of its own authority', () => {
  let git: GitServer;
  let authority: Authority;
  beforeAll(async () => {
    authority = await createAuthority({ name: 'of the Git server' });
    const { key, certificate } = await authority.issueServerCertificate({ hosts: ['127.0.0.1'] });
    git = await startGitServer({ tls: { key, cert: certificate } });
    await git.createRepository('trusted');
    const remote = new Remote(git.directory('trusted'));
    await remote.push('main', { 'p/Kptfile': kptfile('p'), 'p/a.yaml': configMap('a') }, { tags: ['p/v1'] });
  });
  afterAll(() => git?.close());

  it("is trusted by the bundle of the namespace, for a repository and for a clone's source", async () => {
    const from = { repo: git.url('trusted'), ref: 'v1', directory: 'p', secretRef: undefined };
    const refused = await cloneGit(from, 'downstream', 'untrusted');
    expect([400, 503]).toContain(refused.status);
    expect(refused.json.message).toMatch(/certificate/i);
    await world.register('trusted', { git: { repo: git.url('trusted'), secretRef: undefined } });
    expect((await world.ready('trusted', 'False')).status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', message: expect.stringMatching(/^Certificate: .*ca-bundle/s) }),
    );
    const bundle = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'default-ca-bundle' },
      stringData: { 'ca.crt': authority.certificate },
    };
    expectStatus(await world.porch.http('POST', '/api/v1/namespaces/default/secrets', bundle), 201);
    await world.ready('trusted');
    expect(await packages.table('trusted')).toEqual([
      'trusted.p.main p main -1 Published -',
      'trusted.p.v1 p v1 1 Published -',
    ]);
    const created = expectStatus(await cloneGit(from, 'downstream', 'trusted'), 201);
    expect((await filesOf(created.metadata.name))['a.yaml']).toContain('name: a');
  });
});

describe('a clone of a registered package revision', () => {
  const source = 'upstream.base.v1';
  beforeAll(async () => {
    expectStatus(await packages.create({ repository: 'upstream', packageName: 'base', workspaceName: 'v1' }), 201);
    expectStatus(
      await packages.replaceResources(source, (files) => {
        files['a.yaml'] = configMap('base');
      }),
      200,
    );
    expectStatus(await packages.propose(source), 200);
    expectStatus(await packages.approve(source), 200);
  });

  it('has its content, its own name, and where it came from', async () => {
    const created = expectStatus(await cloneRegistered(source, 'downstream', 'copy'), 201);
    const files = await filesOf(created.metadata.name);
    expect(files.Kptfile).toContain('name: copy');
    expect(files['a.yaml']).toContain('name: base');
    expect(files['a.yaml']).toContain('internal.kpt.dev/upstream-identifier:');
    expect(files['package-context.yaml']).toContain('name: example');
    expect(created.status.upstreamLock).toEqual({
      type: 'git',
      git: {
        repo: world.git.url('upstream'),
        directory: 'base',
        ref: 'base/v1',
        commit: await upstream.git('rev-parse', 'refs/tags/base/v1'),
      },
    });
    expect(created.metadata.labels).toBeUndefined();
  });

  it('gets a package context in a deployment repository', async () => {
    const created = expectStatus(await cloneRegistered(source, 'deployed', 'site/copy'), 201);
    expect(created.status.deployment).toBe(true);
    const context = (await filesOf(created.metadata.name))['package-context.yaml'];
    expect(context).toContain('name: site/copy');
    expect(context).toContain('package-path: site/copy');
  });

  it('may be of a draft, whose commit it names', async () => {
    const draft = expectStatus(
      await packages.create({ repository: 'upstream', packageName: 'unfinished', workspaceName: 'v1' }),
      201,
    ).metadata.name;
    const created = expectStatus(await cloneRegistered(draft), 201);
    expect(created.status.upstreamLock.git).toMatchObject({
      ref: 'drafts/unfinished/v1',
      commit: await upstream.git('rev-parse', 'refs/heads/drafts/unfinished/v1'),
    });
  });

  it('keeps the original from being deleted', async () => {
    const downstream = expectStatus(await cloneRegistered(source), 201).metadata.name;
    expectStatus(await packages.setLifecycle(source, 'DeletionProposed'), 200);
    const refused = expectStatus(await packages.delete(source), 403);
    expect(refused.message).toContain('cannot delete package revision, it is referenced as upstream by: ');
    expect(refused.message).toContain(downstream);
    expectStatus(await packages.setLifecycle(source, 'Published'), 200);
  });

  it.each([
    ['the branch-tracking revision', 'upstream.base.main', /placeholder package revision/],
    ['one that is not there', 'upstream.base.v9', /no such package revision/],
  ])('of %s is refused', async (_what, name, message) => {
    const answer = await cloneRegistered(name, 'downstream', 'refused');
    expect(expectStatus(answer, 400).message).toMatch(message);
    expect((await packages.get('downstream.refused.v1')).status).toBe(404);
  });

  it('into a package that exists is refused', async () => {
    expectStatus(await cloneRegistered(source, 'downstream', 'twice'), 201);
    const again = await packages.create({
      repository: 'downstream',
      packageName: 'twice',
      workspaceName: 'v2',
      task: { type: 'clone', clone: { upstreamRef: { upstreamRef: { name: source } } } },
    });
    expect(expectStatus(again, 409).message).toMatch(/already exists in repo/);
  });
});

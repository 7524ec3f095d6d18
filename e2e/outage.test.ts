import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from './harness/api-client.ts';
import { eventually, eventuallyHolds } from './harness/eventually.ts';
import { expectStatus, type Packages, repositoriesPath } from './harness/packages.ts';
import type { Remote } from './harness/remote.ts';
import { gitPassword, startWorld, type World } from './harness/world.ts';

let world: World;
let packages: Packages;
let remote: Remote;
/** What the Git server does: its work, nothing at all, or all but taking pushes. */
let answer: 'git' | 'failure' | 'refusal' = 'git';
beforeAll(async () => {
  world = await startWorld({
    git: {
      onRequest({ service }) {
        if (answer === 'failure') return { status: 503, body: 'out of order\n' };
        if (answer === 'refusal' && service === 'git-receive-pack') return { status: 403, body: 'read only\n' };
        return undefined;
      },
    },
  });
  packages = world.packages;
  remote = await world.addRepository('repo');
});
afterEach(() => {
  answer = 'git';
});
afterAll(() => world?.close());

const wanted = (packageName: string) => ({ repository: 'repo', packageName, workspaceName: 'v1' });

async function condition(type: string): Promise<Json> {
  const { status } = expectStatus(await world.porch.http('GET', `${repositoriesPath}/repo`), 200);
  return status.conditions.find((each: Json) => each.type === type);
}

async function proposal(packageName: string): Promise<string> {
  const { name } = expectStatus(await packages.create(wanted(packageName)), 201).metadata;
  expectStatus(await packages.propose(name), 200);
  await eventually('the proposal in Git', () => remote.id(`heads/proposed/${packageName}/v1`));
  return name;
}

describe('while the Git server is out of order', () => {
  it('drafts are made, changed and read; the repository says that they are not in Git, until they are', async () => {
    await packages.publish(wanted('old'));
    answer = 'failure';
    const { name } = expectStatus(await packages.create(wanted('new')), 201).metadata;
    const changed = await packages.replaceResources(name, (files) => {
      files['a.txt'] = 'a\n';
    });
    expectStatus(changed, 200);
    expectStatus(await packages.propose(name), 200);
    expect(expectStatus(await packages.resources(name), 200).spec.resources['a.txt']).toBe('a\n');
    expect((await packages.table('repo')).map((row) => row.split(' ')[0])).toEqual([
      'repo.new.v1',
      'repo.old.main',
      'repo.old.v1',
    ]);
    const pending = await eventually('the condition', async () => {
      const mirrored = await condition('DraftsMirrored');
      return mirrored?.status === 'False' ? mirrored : undefined;
    });
    expect(pending.message).toMatch(/^1 package revision/);
    expect(pending.message).not.toContain(gitPassword);
    answer = 'git';
    await eventually('the proposal in Git', () => remote.id('heads/proposed/new/v1'));
    expect(await remote.files('refs/heads/proposed/new/v1', 'new')).toMatchObject({ 'a.txt': 'a' });
    await eventually('the condition', async () => (await condition('DraftsMirrored'))?.status === 'True');
  });

  it.each(['failure', 'refusal'] as const)(
    'a publication that fails (%s) says so, leaves nothing, and succeeds later',
    async (kind) => {
      const name = await proposal(kind);
      const before = await remote.refs();
      answer = kind;
      const failed = await packages.approve(name);
      expect(failed.status).toBe(kind === 'failure' ? 503 : 400);
      expect(failed.text).not.toContain(gitPassword);
      expect(expectStatus(await packages.get(name), 200).spec.lifecycle).toBe('Proposed');
      expect(await remote.refs()).toEqual(before);
      answer = 'git';
      const published = await eventuallyHolds(async () => expectStatus(await packages.approve(name), 200));
      expect(published.spec.revision).toBe(1);
      expect(await remote.id(`tags/${kind}/v1`)).toBe(published.status.selfLock.git.commit);
    },
  );

  it('a server that is killed keeps its drafts for the next one to push', async () => {
    answer = 'failure';
    const { name } = expectStatus(await packages.create(wanted('kept')), 201).metadata;
    await world.porch.kill();
    await world.porch.start();
    expectStatus(await packages.get(name), 200);
    answer = 'git';
    await eventually('the draft in Git', () => remote.id('heads/drafts/kept/v1'));
  });

  it('a repository is not forgotten before its drafts are in Git', async () => {
    const other = await world.addRepository('leaving');
    answer = 'failure';
    expectStatus(await packages.create({ ...wanted('pkg'), repository: 'leaving' }), 201);
    expectStatus(await world.porch.http('DELETE', `${repositoriesPath}/leaving`), 200);
    const { metadata } = expectStatus(await world.porch.http('GET', `${repositoriesPath}/leaving`), 200);
    expect(metadata.deletionTimestamp).toBeTruthy();
    answer = 'git';
    await eventually(
      'the end',
      async () => (await world.porch.http('GET', `${repositoriesPath}/leaving`)).status === 404,
    );
    expect(await other.id('heads/drafts/pkg/v1')).toBeTruthy();
  });
});

describe('a hook that declines', () => {
  it('is told to whoever approves, and publishes nothing', async () => {
    const name = await proposal('declined');
    const hook = join(remote.directory, 'hooks', 'pre-receive');
    await rm(join(remote.directory, 'hooks'), { recursive: true, force: true });
    await mkdir(join(remote.directory, 'hooks'));
    await writeFile(hook, '#!/bin/sh\necho "policy: not on a Sunday" >&2\nexit 1\n');
    await chmod(hook, 0o755);
    const before = await remote.refs();
    const refused = expectStatus(await packages.approve(name), 400);
    expect(refused.message).toMatch(/refused|declined/);
    expect(await remote.refs()).toEqual(before);
    await rm(hook);
    expect(expectStatus(await packages.approve(name), 200).spec.lifecycle).toBe('Published');
  });
});

describe.each(['sync', 'off'] as const)('--push-drafts=%s', (mode) => {
  let other: World;
  let git: Remote;
  beforeAll(async () => {
    other = await startWorld({ porch: { flags: [`--push-drafts=${mode}`] } });
    git = await other.addRepository('repo');
  });
  afterAll(() => other?.close());

  it(
    mode === 'sync' ? 'has drafts in Git before it answers' : 'keeps drafts out of Git until they are published',
    async () => {
      const { name } = expectStatus(await other.packages.create(wanted('pkg')), 201).metadata;
      const draft = Object.keys(await git.refs()).sort();
      expect(draft).toEqual(mode === 'sync' ? ['heads/drafts/pkg/v1', 'heads/main'] : ['heads/main']);
      expectStatus(await other.packages.propose(name), 200);
      const proposed = Object.keys(await git.refs()).sort();
      expect(proposed).toEqual(mode === 'sync' ? ['heads/main', 'heads/proposed/pkg/v1'] : ['heads/main']);
      const published = expectStatus(await other.packages.approve(name), 200);
      expect(await git.refs()).toEqual({
        'heads/main': published.status.selfLock.git.commit,
        'tags/pkg/v1': published.status.selfLock.git.commit,
      });
      const { parents } = await git.commit('refs/heads/main');
      expect(parents).toHaveLength(2);
      const { message } = await git.commit(parents[1] ?? '');
      expect(message).toMatch(/^Creating new empty revision\n/);
    },
  );

  it('loses nothing when the server is killed', async () => {
    const { name } = expectStatus(await other.packages.create(wanted('kept')), 201).metadata;
    await other.porch.kill();
    await other.porch.start();
    expect(expectStatus(await other.packages.get(name), 200).spec.lifecycle).toBe('Draft');
    await other.sync('repo');
    expectStatus(await other.packages.propose(name), 200);
    expect(expectStatus(await other.packages.approve(name), 200).spec.revision).toBe(1);
  });
});

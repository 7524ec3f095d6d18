import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, eventuallyHolds } from './harness/eventually.ts';
import { type HeldPush, holdPushes } from './harness/held-push.ts';
import { expectStatus, type Packages } from './harness/packages.ts';
import type { Remote } from './harness/remote.ts';
import { readyCondition, startWorld, type World } from './harness/world.ts';

let world: World;
let packages: Packages;
let remote: Remote;
let held: HeldPush | undefined;
beforeAll(async () => {
  world = await startWorld();
  packages = world.packages;
  remote = await world.addRepository('repo');
});
afterAll(async () => {
  await held?.release();
  await world?.close();
});

/** Holds the answer of the push that `begin` causes, does the rest, and kills the server before it hears of it. */
async function killBeforeAnswer(prefix: string, begin: () => Promise<unknown>, meanwhile: () => Promise<unknown>) {
  held = await holdPushes(remote, prefix);
  const begun = begin().catch((error: Error) => error);
  await held.taken;
  await meanwhile();
  await world.porch.kill();
  await held.release();
  await begun;
  await world.porch.start();
}

async function addFile(name: string, file: string): Promise<void> {
  const answer = await packages.replaceResources(name, (files) => {
    files[file] = `${file}\n`;
  });
  expectStatus(answer, 200);
}

const create = (packageName: string) => packages.create({ repository: 'repo', packageName, workspaceName: 'v1' });

describe('a server that is killed after Git has taken a push and before it hears of it', () => {
  it('goes on with a draft that has changed since', async () => {
    const name = 'repo.draft.v1';
    await killBeforeAnswer(
      'heads/drafts/draft/',
      () => create('draft'),
      () => addFile(name, 'later.txt'),
    );
    await eventuallyHolds(async () => {
      expect(Object.keys(await remote.files('refs/heads/drafts/draft/v1', 'draft'))).toContain('later.txt');
    });
    expect(await remote.git('rev-list', '--count', 'refs/heads/main..refs/heads/drafts/draft/v1')).toBe('2');
    const { status } = await world.sync('repo');
    expect(status.conditions.map(({ type }: { type: string }) => type)).not.toContain('DraftConflict');
    expect(readyCondition({ status })?.status).toBe('True');
    expectStatus(await packages.propose(name), 200);
    expectStatus(await packages.approve(name), 200);
    expect(Object.keys(await remote.files('refs/tags/draft/v1', 'draft'))).toContain('later.txt');
  });

  it('publishes a proposal whose branch it does not know of', async () => {
    const name = 'repo.proposal.v1';
    await killBeforeAnswer(
      'heads/drafts/proposal/',
      () => create('proposal'),
      async () => {
        await addFile(name, 'later.txt');
        expectStatus(await packages.propose(name), 200);
      },
    );
    // Before the proposal is in Git this may be refused for a while, never for good.
    await eventuallyHolds(async () => expectStatus(await packages.approve(name), 200));
    await eventuallyHolds(async () => {
      const refs = Object.keys(await remote.refs()).filter((ref) => ref.includes('/proposal/'));
      expect(refs).toEqual(['tags/proposal/v1']);
    });
  });

  it('does not bring back a draft that is deleted right after the restart', async () => {
    const name = 'repo.deleted.v1';
    await killBeforeAnswer(
      'heads/drafts/deleted/',
      () => create('deleted'),
      async () => undefined,
    );
    expectStatus(await packages.delete(name), 200);
    await eventuallyHolds(async () => {
      expect(Object.keys(await remote.refs()).filter((ref) => ref.includes('/deleted/'))).toEqual([]);
    });
    await world.sync('repo');
    expect((await packages.get(name)).status).toBe(404);
  });

  it('finishes a publication', async () => {
    const { name } = expectStatus(await create('published'), 201).metadata;
    expectStatus(await packages.propose(name), 200);
    await eventually('the proposal in Git', () => remote.id('heads/proposed/published/v1'));
    await killBeforeAnswer(
      'tags/published/',
      () => packages.approve(name),
      async () => undefined,
    );
    const published = await eventually('the publication', async () => {
      const { json } = await packages.get(name);
      return json.spec.lifecycle === 'Published' ? json : undefined;
    });
    expect(published.spec.revision).toBe(1);
    expect(published.status).toMatchObject({
      publishedBy: 'admin',
      selfLock: { git: { commit: await remote.id('tags/published/v1') } },
    });
    expect(Object.keys(await remote.refs()).filter((ref) => ref.includes('/published/'))).toEqual([
      'tags/published/v1',
    ]);
    expect(await remote.id('heads/main')).toBe(published.status.selfLock.git.commit);
  });

  it('finishes the deletion of a published revision', async () => {
    const { name } = (await packages.publish({ repository: 'repo', packageName: 'removed', workspaceName: 'v1' }))
      .metadata;
    expectStatus(await packages.setLifecycle(name, 'DeletionProposed'), 200);
    await eventually('the proposal in Git', () => remote.id('heads/deletionProposed/removed/v1'));
    await killBeforeAnswer(
      'tags/removed/',
      () => packages.delete(name),
      async () => undefined,
    );
    await eventually('the end', async () => (await packages.get(name)).status === 404);
    expect(Object.keys(await remote.refs()).filter((ref) => ref.includes('/removed/'))).toEqual([]);
  });
});

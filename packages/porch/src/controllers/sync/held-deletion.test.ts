import { afterAll, beforeAll, expect, test } from 'vitest';
import { syncRequestKey } from '../../cache/sync-requests.ts';
import { startTrial, type Trial } from '../../engine/trial.test-support.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(() => trial?.close());

function finalizers(name: string, ...all: string[]): Promise<unknown> {
  return trial.update(name, (object) => {
    object.metadata.finalizers = all;
  });
}

/** Checks that a revision is still waiting to go, lets go of it, and checks that what others published is untouched and listed anew. */
async function expectToStay(r: string, name: string, tagged: string): Promise<void> {
  const { uid, deletionTimestamp } = trial.get(name)?.metadata ?? {};
  expect(deletionTimestamp).toBeDefined();
  await finalizers(name);
  expect(trial.get(name)).toBeUndefined();
  expect(await trial.references(r)).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
  expect(await trial.git(r, 'rev-parse', 'refs/tags/p/v1')).toBe(tagged);
  expect(trial.parts.cache.objects.get(syncRequestKey('default', r))).toBeDefined();
  await trial.sync(r);
  const listed = trial.get(name);
  expect(listed?.spec).toMatchObject({ lifecycle: 'Published', revision: 1 });
  expect(listed?.metadata.deletionTimestamp).toBeUndefined();
  expect(listed?.metadata.uid).not.toBe(uid);
}

test('a deleted draft that others publish while finalizers hold it stays in Git', async () => {
  const [r, name] = ['published', 'published.p.w'];
  await trial.addRepository(r);
  await trial.create(r, 'p', 'w');
  await trial.mirrored(name);
  await finalizers(name, 'example.com/hold');
  await trial.sync(r);
  await trial.remove(name);
  const message = 'Approving package revision p/1\n\nkpt:{"package":"p","workspaceName":"w","revision":"1"}\n';
  const parents = ['-p', 'main', '-p', 'drafts/p/w'];
  const commit = await trial.git(r, 'commit-tree', 'drafts/p/w^{tree}', ...parents, '-m', message);
  for (const ref of ['refs/heads/main', 'refs/tags/p/v1']) await trial.git(r, 'update-ref', ref, commit);
  await trial.git(r, 'update-ref', '-d', 'refs/heads/drafts/p/w');
  await trial.sync(r);
  await expectToStay(r, name, commit);
});

test('what others no longer propose for deletion while finalizers hold it stays in Git', async () => {
  const [r, name] = ['undone', 'undone.p.w'];
  await trial.addRepository(r);
  await trial.create(r, 'p', 'w');
  await trial.publish(name);
  const tagged = await trial.git(r, 'rev-parse', 'refs/tags/p/v1');
  await finalizers(name, 'example.com/hold');
  await trial.setLifecycle(name, 'DeletionProposed');
  await trial.mirrored(name);
  await trial.sync(r);
  await trial.remove(name);
  await trial.git(r, 'update-ref', '-d', 'refs/heads/deletionProposed/p/v1');
  await trial.sync(r);
  await expectToStay(r, name, tagged);
});

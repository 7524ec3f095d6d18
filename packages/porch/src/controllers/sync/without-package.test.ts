import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTrial, type Trial } from '../../engine/trial.test-support.ts';
import { resolveDraftAnnotation } from '../../resources/group.ts';

let trial: Trial;

beforeAll(async () => {
  trial = await startTrial();
});

afterAll(() => trial?.close());

/** A commit of somebody else with the tree of the branch's beginning, in which there is no package. Gives its id. */
async function emptied(repository: string, branch: string, parent: string): Promise<string> {
  const tree = await trial.git(repository, 'rev-parse', 'main^{tree}');
  const commit = await trial.git(repository, 'commit-tree', tree, '-p', parent, '-m', 'Elsewhere');
  await trial.git(repository, 'update-ref', `refs/heads/${branch}`, commit);
  return commit;
}

/** A draft that was changed here while somebody has removed its package from its branch; the conflict is reported. */
async function disputed(): Promise<{ readonly repository: string; readonly name: string; readonly theirs: string }> {
  const repository = await trial.newRepository();
  const name = `${repository}.p.w`;
  await trial.create(repository, 'p', 'w');
  await trial.mirrored(name);
  const theirs = await trial.parts.queue.hold('default', repository, name, async () => {
    await trial.setFiles(name, (files) => {
      files['ours.txt'] = 'ours';
    });
    const commit = await emptied(repository, 'drafts/p/w', 'drafts/p/w');
    expect((await trial.sync(repository)).conflicts).toMatchObject([{ name, theirs: commit }]);
    return commit;
  });
  // It stays, however often the two sides are compared and the queue gets its turn.
  await expect(trial.mirrored(name)).rejects.toThrow('was changed in Git');
  expect((await trial.sync(repository)).conflicts).toMatchObject([{ name, theirs }]);
  expect((await trial.sync(repository)).conflicts).toMatchObject([{ name, theirs }]);
  expect(await trial.git(repository, 'rev-parse', 'drafts/p/w')).toBe(theirs);
  return { repository, name, theirs };
}

function decide(name: string, side: string): Promise<unknown> {
  return trial.update(name, ({ metadata }) => {
    metadata.annotations = { [resolveDraftAnnotation]: side };
  });
}

test('ours goes on top of a branch whose package somebody else has removed', async () => {
  const { repository, name, theirs } = await disputed();
  await decide(name, 'ours');
  expect((await trial.sync(repository)).conflicts).toEqual([]);
  await trial.mirrored(name);
  expect(await trial.git(repository, 'show', 'drafts/p/w:p/ours.txt')).toBe('ours');
  expect(await trial.git(repository, 'rev-parse', 'drafts/p/w^')).toBe(theirs);
  expect(trial.get(name)?.metadata.annotations).toBeUndefined();
  await trial.publish(name);
  expect(await trial.references(repository)).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
});

test('theirs is that there is no package any more', async () => {
  const { repository, name, theirs } = await disputed();
  await decide(name, 'theirs');
  await trial.sync(repository);
  expect(trial.get(name)).toBeUndefined();
  expect((await trial.sync(repository)).conflicts).toEqual([]);
  expect(await trial.git(repository, 'rev-parse', 'drafts/p/w')).toBe(theirs);
});

test('a draft that is in Git as it is here goes with its package, and there is nothing to decide', async () => {
  const repository = await trial.newRepository();
  const name = `${repository}.p.w`;
  await trial.create(repository, 'p', 'w');
  await trial.mirrored(name);
  const theirs = await emptied(repository, 'drafts/p/w', 'drafts/p/w');
  expect(await trial.sync(repository)).toMatchObject({ changed: 1, conflicts: [] });
  expect(trial.get(name)).toBeUndefined();
  expect(await trial.git(repository, 'rev-parse', 'drafts/p/w')).toBe(theirs);
});

test('theirs lets a draft with finalizers wait for these, and Git hears no more of it', async () => {
  const { repository, name, theirs } = await disputed();
  await trial.update(name, ({ metadata }) => {
    metadata.finalizers = ['example.com/wait'];
  });
  await decide(name, 'theirs');
  await trial.sync(repository);
  expect(trial.get(name)?.metadata.deletionTimestamp).toBeDefined();
  await trial.mirrored(name);
  expect((await trial.sync(repository)).conflicts).toEqual([]);
  await trial.update(name, ({ metadata }) => {
    metadata.finalizers = [];
  });
  expect(trial.get(name)).toBeUndefined();
  await trial.sync(repository);
  expect(await trial.git(repository, 'rev-parse', 'drafts/p/w')).toBe(theirs);
});

test('a conflict with a branch without a package ends when the branch is gone, and the draft gets there', async () => {
  const { repository, name } = await disputed();
  await trial.git(repository, 'update-ref', '-d', 'refs/heads/drafts/p/w');
  expect((await trial.sync(repository)).conflicts).toEqual([]);
  await trial.mirrored(name);
  expect(await trial.git(repository, 'show', 'drafts/p/w:p/ours.txt')).toBe('ours');
});

test('a draft whose branch is taken by something without a package is in conflict', async () => {
  const repository = await trial.newRepository();
  const name = `${repository}.p.w`;
  const theirs = await emptied(repository, 'drafts/p/w', 'main');
  await trial.sync(repository);
  await trial.create(repository, 'p', 'w');
  await expect(trial.mirrored(name)).rejects.toThrow('was changed in Git');
  expect((await trial.sync(repository)).conflicts).toMatchObject([{ name, theirs }]);
  await decide(name, 'ours');
  await trial.sync(repository);
  await trial.mirrored(name);
  expect(await trial.git(repository, 'rev-parse', 'drafts/p/w^')).toBe(theirs);
});

test('a proposal whose draft was emptied in Git is in conflict, and ours is a proposal', async () => {
  const repository = await trial.newRepository();
  const name = `${repository}.p.w`;
  await trial.create(repository, 'p', 'w');
  await trial.mirrored(name);
  const theirs = await emptied(repository, 'drafts/p/w', 'drafts/p/w');
  await trial.setLifecycle(name, 'Proposed');
  await expect(trial.mirrored(name)).rejects.toThrow('was changed in Git');
  expect((await trial.sync(repository)).conflicts).toMatchObject([{ name, theirs }]);
  await decide(name, 'ours');
  await trial.sync(repository);
  await trial.mirrored(name);
  expect(await trial.references(repository)).toEqual(['refs/heads/main', 'refs/heads/proposed/p/w']);
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTrial, type Trial } from '../../engine/trial.test-support.ts';
import { resolveDraftAnnotation } from '../../resources/group.ts';
import { commitElsewhere } from './commit-elsewhere.test-support.ts';

let trial: Trial;
/** The draft that `disputed` has made last. */
let inDispute: string;

beforeAll(async () => {
  trial = await startTrial();
});

afterAll(() => trial?.close());

test('a draft changed here and in Git stays as it is here, and the conflict is reported', async () => {
  const r = await trial.newRepository();
  await trial.create(r, 'p', 'w');
  await trial.mirrored(`${r}.p.w`);
  await trial.parts.queue.hold('default', r, `${r}.p.w`, async () => {
    await trial.setFiles(`${r}.p.w`, (files) => {
      files['ours.txt'] = 'ours';
    });
    const commit = await commitElsewhere(trial, r, 'drafts/p/w', 'p/theirs.txt', 'theirs');
    await trial.git(r, 'update-ref', 'refs/heads/drafts/p/w', commit);
    expect((await trial.sync(r)).conflicts).toMatchObject([{ name: `${r}.p.w` }]);
  });
  expect((await trial.resources(`${r}.p.w`)).spec.resources).toMatchObject({ 'ours.txt': 'ours' });
  expect(await trial.git(r, 'log', '-1', '--format=%s', 'drafts/p/w')).toBe('Elsewhere');
});

test('a conflict ends when Git is put back, and the draft gets there', async () => {
  const r = await trial.newRepository();
  await trial.create(r, 'p', 'w');
  await trial.mirrored(`${r}.p.w`);
  const before = await trial.git(r, 'rev-parse', 'drafts/p/w');
  await trial.parts.queue.hold('default', r, `${r}.p.w`, async () => {
    await trial.setFiles(`${r}.p.w`, (files) => {
      files['ours.txt'] = 'ours';
    });
    const commit = await commitElsewhere(trial, r, 'drafts/p/w', 'p/theirs.txt', 'theirs');
    await trial.git(r, 'update-ref', 'refs/heads/drafts/p/w', commit);
    expect((await trial.sync(r)).conflicts).toMatchObject([{ name: `${r}.p.w` }]);
    await trial.git(r, 'update-ref', 'refs/heads/drafts/p/w', before);
    expect((await trial.sync(r)).conflicts).toEqual([]);
  });
  await trial.mirrored(`${r}.p.w`);
  expect(await trial.git(r, 'show', 'drafts/p/w:p/ours.txt')).toBe('ours');
});

test('a conflict of a draft that Git never had ends when their branch is gone, and the draft gets there', async () => {
  const r = await trial.newRepository();
  const name = `${r}.p.w`;
  await trial.parts.queue.hold('default', r, name, async () => {
    await trial.create(r, 'p', 'w');
    const theirs = await commitElsewhere(trial, r, 'main', 'p/Kptfile', 'apiVersion: kpt.dev/v1\nkind: Kptfile\n');
    await trial.git(r, 'update-ref', 'refs/heads/drafts/p/w', theirs);
    expect((await trial.sync(r)).conflicts).toMatchObject([{ name, theirs }]);
  });
  await trial.git(r, 'update-ref', '-d', 'refs/heads/drafts/p/w');
  expect((await trial.sync(r)).conflicts).toEqual([]);
  await trial.mirrored(name);
  expect(await trial.git(r, 'log', '-1', '--format=%s', 'drafts/p/w')).toBe('Creating new empty revision');
});

test('a draft that both sides have proposed is in no conflict', async () => {
  const r = await trial.newRepository();
  await trial.create(r, 'p', 'w');
  await trial.mirrored(`${r}.p.w`);
  const commit = await trial.git(r, 'rev-parse', 'drafts/p/w');
  await trial.parts.queue.hold('default', r, `${r}.p.w`, async () => {
    await trial.setLifecycle(`${r}.p.w`, 'Proposed');
    await trial.git(r, 'update-ref', 'refs/heads/proposed/p/w', commit);
    await trial.git(r, 'update-ref', '-d', 'refs/heads/drafts/p/w');
    expect((await trial.sync(r)).conflicts).toEqual([]);
  });
  await trial.mirrored(`${r}.p.w`);
  expect(await trial.references(r)).toEqual(['refs/heads/main', 'refs/heads/proposed/p/w']);
  expect((await trial.setLifecycle(`${r}.p.w`, 'Published')).spec.revision).toBe(1);
  expect(await trial.references(r)).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
});

test('a conflict over the lifecycle ends when both sides have come to the same', async () => {
  const r = await trial.newRepository();
  await trial.create(r, 'p', 'w');
  await trial.setLifecycle(`${r}.p.w`, 'Proposed');
  await trial.mirrored(`${r}.p.w`);
  const commit = await trial.git(r, 'rev-parse', 'proposed/p/w');
  await trial.parts.queue.hold('default', r, `${r}.p.w`, async () => {
    await trial.setLifecycle(`${r}.p.w`, 'Draft');
    const theirs = await commitElsewhere(trial, r, commit, 'p/theirs.txt', 'theirs');
    await trial.git(r, 'update-ref', 'refs/heads/proposed/p/w', theirs);
    expect((await trial.sync(r)).conflicts).toMatchObject([{ name: `${r}.p.w`, theirs }]);
    await trial.git(r, 'update-ref', 'refs/heads/drafts/p/w', commit);
    await trial.git(r, 'update-ref', '-d', 'refs/heads/proposed/p/w');
    expect((await trial.sync(r)).conflicts).toEqual([]);
  });
  await trial.mirrored(`${r}.p.w`);
  expect(await trial.references(r)).toEqual(['refs/heads/drafts/p/w', 'refs/heads/main']);
});

/** A draft with our change here and somebody's commit in Git; nothing is pushed until `work` has ended. */
async function disputed(
  ours: () => Promise<unknown>,
  work: (r: string, theirs: string) => Promise<void>,
): Promise<string> {
  const r = await trial.newRepository();
  inDispute = `${r}.p.w`;
  await trial.create(r, 'p', 'w');
  await trial.mirrored(inDispute);
  await trial.parts.queue.hold('default', r, inDispute, async () => {
    await ours();
    const theirs = await commitElsewhere(trial, r, 'drafts/p/w', 'p/theirs.txt', 'theirs');
    await trial.git(r, 'update-ref', 'refs/heads/drafts/p/w', theirs);
    await work(r, theirs);
  });
  return r;
}
const decide = (name: string, value: string) =>
  trial.update(name, (object) => {
    object.metadata.annotations = { mine: 'stays', [resolveDraftAnnotation]: value };
  });
const change = () =>
  trial.setFiles(inDispute, (files) => {
    files['ours.txt'] = 'ours';
  });

test('the report names both commits, the one that would be pushed and the one in Git', async () => {
  await disputed(change, async (r, theirs) => {
    const [conflict] = (await trial.sync(r)).conflicts;
    expect(conflict).toEqual({ name: inDispute, ours: expect.stringMatching(/^[0-9a-f]{40}$/), theirs });
    expect((await trial.sync(r)).conflicts).toEqual([conflict]);
  });
});

test('ours goes on top of theirs when that is decided, and the annotation goes', async () => {
  const r = await disputed(change, async (repository) => {
    await trial.sync(repository);
    await decide(inDispute, 'ours');
    expect((await trial.sync(repository)).conflicts).toEqual([]);
  });
  expect(trial.get(inDispute)?.metadata.annotations).toEqual({ mine: 'stays' });
  await trial.mirrored(inDispute);
  expect(await trial.git(r, 'log', '--format=%s', '-2', 'drafts/p/w')).toBe('Rendering package\nElsewhere');
  expect(await trial.git(r, 'ls-tree', '--name-only', 'drafts/p/w:p')).toBe(
    'Kptfile\nREADME.md\nours.txt\npackage-context.yaml',
  );
  await trial.publish(inDispute);
  expect(trial.get(inDispute)?.spec.revision).toBe(1);
});

test('ours that is no more than another lifecycle gets a commit with the whole content', async () => {
  const propose = () => trial.setLifecycle(inDispute, 'Proposed');
  const r = await disputed(propose, async (repository) => {
    await decide(inDispute, 'ours'); // before the conflict has been seen
    expect((await trial.sync(repository)).conflicts).toEqual([]);
  });
  await trial.mirrored(inDispute);
  expect(await trial.git(r, 'for-each-ref', '--format=%(refname)', 'refs/heads/drafts', 'refs/heads/proposed')).toBe(
    'refs/heads/proposed/p/w',
  );
  expect(await trial.git(r, 'log', '--format=%s', '-2', 'proposed/p/w')).toBe('Rendering package\nElsewhere');
  expect(await trial.git(r, 'ls-tree', '--name-only', 'proposed/p/w:p')).not.toContain('theirs.txt');
  expect(trial.get(inDispute)?.spec.lifecycle).toBe('Proposed');
});

test('theirs is taken over when that is decided, and ours is gone', async () => {
  const r = await disputed(change, async (repository) => {
    await trial.sync(repository);
    await decide(inDispute, 'theirs');
    expect((await trial.sync(repository)).conflicts).toEqual([]);
  });
  const { resources = {} } = (await trial.resources(inDispute)).spec;
  expect([resources['theirs.txt'], resources['ours.txt']]).toEqual(['theirs', undefined]);
  expect(trial.get(inDispute)?.metadata.annotations).toEqual({ mine: 'stays' });
  await trial.mirrored(inDispute);
  expect(await trial.git(r, 'log', '-1', '--format=%s', 'drafts/p/w')).toBe('Elsewhere');
});

test('a decision about nothing goes, and decides no later conflict', async () => {
  const r = await trial.newRepository();
  const name = `${r}.p.w`;
  await trial.create(r, 'p', 'w');
  await trial.mirrored(name);
  await decide(name, 'theirs');
  await trial.sync(r);
  expect(trial.get(name)?.metadata.annotations).toEqual({ mine: 'stays' });
});

test('a decision about a draft that is gone from Git does not keep it', async () => {
  const r = await trial.newRepository();
  const name = `${r}.p.w`;
  await trial.create(r, 'p', 'w');
  await trial.mirrored(name);
  await decide(name, 'ours');
  await trial.mirrored(name);
  await trial.git(r, 'update-ref', '-d', 'refs/heads/drafts/p/w');
  expect(await trial.sync(r)).toMatchObject({ changed: 1, left: 0 });
  expect(trial.get(name)).toBeUndefined();
});

test('nothing disputed is published', async () => {
  await disputed(change, async (r, theirs) => {
    await trial.sync(r);
    await trial.setLifecycle(inDispute, 'Proposed');
    await expect(trial.setLifecycle(inDispute, 'Published')).rejects.toThrow(
      `changed here and in Git (commit ${theirs}); annotate it with porch.kpt.dev/resolve-draft=ours`,
    );
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTrial, type Trial } from '../../engine/trial.test-support.ts';
import { resolveDraftAnnotation } from '../../resources/group.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(() => trial?.close());

const person = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];

/** Publishes the draft of package `p` as another server does, or, with an annotated tag, as a person may. Returns the commit. */
async function publishElsewhere(r: string, workspace: string, revision = 1, annotates = false): Promise<string> {
  const branch = `refs/heads/drafts/p/${workspace}`;
  const message = `Approving package revision p/${revision}\n\nkpt:{"package":"p","workspaceName":"${workspace}","revision":"${revision}"}\n`;
  const commit = await trial.git(r, 'commit-tree', `${branch}^{tree}`, '-p', 'main', '-p', branch, '-m', message);
  for (const ref of ['refs/heads/main', `refs/tags/p/v${revision}`]) await trial.git(r, 'update-ref', ref, commit);
  if (annotates) await trial.git(r, ...person, 'tag', '--force', '-a', '-m', 'Reviewed', `p/v${revision}`, commit);
  await trial.git(r, 'update-ref', '-d', branch);
  return commit;
}

/** A draft in Git, which gets a change here that Git does not have until `work` has ended. */
async function changedHere(r: string, work: () => Promise<unknown>): Promise<string> {
  const name = `${r}.p.w`;
  await trial.addRepository(r);
  await trial.create(r, 'p', 'w');
  await trial.mirrored(name);
  await trial.sync(r);
  await trial.parts.queue.hold('default', r, name, async () => {
    await trial.setFiles(name, (files) => {
      files['ours.txt'] = 'ours';
    });
    await work();
  });
  return name;
}

async function decide(name: string, value: string): Promise<void> {
  await trial.update(name, (object) => {
    object.metadata.annotations = { [resolveDraftAnnotation]: value };
  });
}

async function filesOf(name: string): Promise<string | undefined> {
  return (await trial.resources(name)).spec.resources?.['ours.txt'];
}

/** Waits until the queue has done with a draft what it can. */
async function tried(r: string, name: string): Promise<void> {
  await trial.parts.queue.hold('default', r, name, async () => undefined);
}

describe('a draft that others have published while it was changed here', () => {
  test.each([
    ['a plain', false],
    ['an annotated', true],
  ])(
    'stays as it is here, in conflict, also where the queue sees first that there is %s tag for its branch',
    async (kind, annotates) => {
      const r = kind.replace(' ', '-');
      let theirs = '';
      const name = await changedHere(r, async () => {
        theirs = await publishElsewhere(r, 'w', 1, annotates);
      });
      await expect
        .poll(() => trial.parts.cache.state('default', name)?.value.conflict, { timeout: 60_000 })
        .toBe(theirs);
      expect(await trial.references(r)).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
      expect((await trial.sync(r)).conflicts).toMatchObject([{ name, theirs }]);
      expect([trial.get(name)?.spec.lifecycle, await filesOf(name)]).toEqual(['Draft', 'ours']);
    },
  );

  test('becomes what is published only when that is decided; for ours, nothing is', async () => {
    const r = 'decided';
    const name = await changedHere(r, async () => {
      await publishElsewhere(r, 'w');
      await trial.sync(r);
    });
    await decide(name, 'ours');
    expect((await trial.sync(r)).conflicts).toMatchObject([{ name }]);
    await tried(r, name);
    expect(trial.get(name)?.metadata.annotations).toBeUndefined();
    expect([trial.get(name)?.spec.lifecycle, await filesOf(name)]).toEqual(['Draft', 'ours']);
    expect(await trial.references(r)).toEqual(['refs/heads/main', 'refs/tags/p/v1']);
    await decide(name, 'theirs');
    expect((await trial.sync(r)).conflicts).toEqual([]);
    expect([trial.get(name)?.spec.revision, await filesOf(name)]).toEqual([1, undefined]);
  });

  test('is mirrored again when it is another draft of its package that was published', async () => {
    const r = 'another';
    await trial.addRepository(r);
    await trial.create(r, 'p', 'base');
    await trial.publish(`${r}.p.base`);
    for (const workspace of ['other', 'w']) {
      await trial.create(r, 'p', workspace, { type: 'edit', edit: { sourceRef: { name: `${r}.p.base` } } });
      await trial.mirrored(`${r}.p.${workspace}`);
    }
    await trial.sync(r);
    const name = `${r}.p.w`;
    await trial.parts.queue.hold('default', r, name, async () => {
      await trial.setFiles(name, (files) => {
        files['ours.txt'] = 'ours';
      });
      await publishElsewhere(r, 'other', 2);
      await trial.git(r, 'update-ref', '-d', 'refs/heads/drafts/p/w');
    });
    await expect
      .poll(() => trial.parts.cache.state('default', name)?.value.conflict, { timeout: 60_000 })
      .toBeDefined();
    expect((await trial.sync(r)).conflicts).toEqual([]);
    await trial.mirrored(name);
    expect(await trial.git(r, 'show', 'drafts/p/w:p/ours.txt')).toBe('ours');
    expect(trial.get(`${r}.p.other`)?.spec.lifecycle).toBe('Published');
  });
});

test('a draft keeps its branch when others have published something else under its name', async () => {
  const r = 'without';
  await trial.addRepository(r);
  await trial.create(r, 'p', 'w');
  await trial.mirrored(`${r}.p.w`);
  const draft = await trial.git(r, 'rev-parse', 'drafts/p/w');
  const message = 'Approving package revision p/1\n\nkpt:{"package":"p","workspaceName":"w","revision":"1"}\n';
  const commit = await trial.git(r, 'commit-tree', `${draft}^{tree}`, '-p', 'main', '-m', message);
  for (const ref of ['refs/heads/main', 'refs/tags/p/v1']) await trial.git(r, 'update-ref', ref, commit);
  await trial.sync(r);
  expect(trial.get(`${r}.p.w`)?.spec).toMatchObject({ lifecycle: 'Published', revision: 1 });
  await trial.mirrored(`${r}.p.w`);
  expect(await trial.git(r, 'rev-parse', 'drafts/p/w')).toBe(draft);
});

test('a draft whose branch is gone gets it again while others tag other packages', async () => {
  const r = 'tags';
  const name = await changedHere(r, async () => {
    for (const tag of ['v1', 'other/v1', 'p/below/v1']) await trial.git(r, 'tag', tag, 'main');
    await trial.git(r, 'update-ref', '-d', 'refs/heads/drafts/p/w');
  });
  await expect.poll(() => trial.references(r), { timeout: 60_000 }).toContain('refs/heads/drafts/p/w');
  expect(trial.parts.cache.state('default', name)?.value).not.toHaveProperty('conflict');
  expect(await trial.git(r, 'show', 'drafts/p/w:p/ours.txt')).toBe('ours');
});

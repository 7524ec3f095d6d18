import { afterAll, beforeAll, expect, test } from 'vitest';
import { plainGit } from '../../../../../e2e/harness/git-command.ts';
import { startTrial, type Trial } from '../../engine/trial.test-support.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(() => trial?.close());

async function published(): Promise<string> {
  const r = await trial.newRepository();
  await trial.create(r, 'p', 'w');
  await trial.publish(`${r}.p.w`);
  await trial.sync(r);
  return r;
}

const message = 'Approving by hand\n\nkpt:{"package":"p","workspaceName":"w","revision":"1"}';

/** Somebody else's commit on the branch, and of the tag, with another file of the package. */
async function publishElsewhere(r: string, file: string): Promise<void> {
  const lines = ['commit refs/heads/main', 'committer Ann <ann@example.com> 1700000000 +0000'];
  lines.push(
    `data ${message.length}`,
    message,
    'from refs/heads/main^0',
    `M 100644 inline p/${file}`,
    'data 6',
    'theirs',
  );
  await plainGit(trial.gitServer.directory(r), ['fast-import', '--quiet'], { input: `${lines.join('\n')}\n` });
  await trial.git(r, 'update-ref', 'refs/tags/p/v1', 'refs/heads/main');
}

test('a history that was rewritten does not come back with the proposal to delete a package', async () => {
  const r = await published();
  // The commit says what it said before, and of the same time, but stands on nothing.
  const env = { GIT_AUTHOR_DATE: await trial.git(r, 'log', '-1', '--format=%ad', '--date=raw', 'main') };
  const rewrite = ['commit-tree', 'main^{tree}', '-m', await trial.git(r, 'log', '-1', '--format=%B', 'main')];
  const head = await plainGit(trial.gitServer.directory(r), rewrite, { env });
  await trial.git(r, 'update-ref', 'refs/heads/main', head);
  await trial.git(r, 'tag', '--delete', 'p/v1');
  expect((await trial.sync(r)).changed).toBe(2);
  expect(trial.get(`${r}.p.main`)?.status.selfLock?.git?.commit).toBe(head);
  expect((await trial.sync(r)).changed).toBe(0);
  await trial.setLifecycle(`${r}.p.main`, 'DeletionProposed');
  await trial.mirrored(`${r}.p.main`);
  expect(await trial.git(r, 'rev-parse', 'deletionProposed/p/main')).toBe(head);
});

test.each([
  ['main', 'refs/heads/deletionProposed/p/main'],
  ['w', 'refs/heads/deletionProposed/p/v1'],
])(
  'what was said of the deletion of %s stays when that changes in Git before Git has heard of it',
  async (workspace, branch) => {
    const r = await published();
    const name = `${r}.p.${workspace}`;
    for (const lifecycle of ['DeletionProposed', 'Published']) {
      await trial.parts.queue.hold('default', r, name, async () => {
        await trial.setLifecycle(name, lifecycle);
        await publishElsewhere(r, `${lifecycle}.txt`);
        await trial.sync(r);
        expect(trial.get(name)?.spec.lifecycle).toBe(lifecycle);
        expect((await trial.resources(name)).spec.resources).toHaveProperty([`${lifecycle}.txt`]);
      });
      await trial.mirrored(name);
      expect((await trial.references(r)).includes(branch)).toBe(lifecycle === 'DeletionProposed');
      await trial.sync(r);
      expect(trial.get(name)?.spec.lifecycle).toBe(lifecycle);
    }
  },
);

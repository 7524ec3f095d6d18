import { afterAll, beforeAll, expect, test } from 'vitest';
import { plainGit } from '../../../../e2e/harness/git-command.ts';
import { packagesOfCommit } from './branch-packages.ts';
import { kptfile, startTestRemotes, type TestRemote, type TestRemotes } from './discovery.test-support.ts';

const nothingKnown = { kptfileOf: () => undefined, isBarren: () => false, learnBarren: () => undefined };

let remotes: TestRemotes;
beforeAll(async () => {
  remotes = await startTestRemotes();
});
afterAll(() => remotes.close());

/** A commit whose tree has the same ten directories in each directory, so many levels deep; `innermost` is what the last ones have. */
async function multiplied(remote: TestRemote, innermost: string, levels: number): Promise<string> {
  const make = (args: string[], input: string) => plainGit(remote.directory, args, { input });
  const blob = await make(['hash-object', '-w', '--stdin'], kptfile('x'));
  let tree = await make(['mktree'], `100644 blob ${blob}\t${innermost}\n`);
  for (let level = 0; level < levels; level++) {
    const entries = Array.from({ length: 10 }, (_, index) => `040000 tree ${tree}\td${index}\n`);
    tree = await make(['mktree'], entries.join(''));
  }
  const commit = await make(['commit-tree', tree, '-F', '-'], 'many');
  await remote.git('update-ref', 'refs/heads/main', commit);
  await remote.references();
  return commit;
}

test.each(['README.md', 'Kptfile'])(
  'a few objects that stand for billions of directories are refused (%s)',
  async (name) => {
    const remote = await remotes.open();
    const commit = await multiplied(remote, name, 10);
    let turns = 0;
    const counter = setInterval(() => turns++, 1);
    await expect(packagesOfCommit(remote.mirror, commit, undefined, nothingKnown)).rejects.toMatchObject({
      errorClass: 'TooLarge',
      message: 'the tree has more than 200000 directories',
      advice: expect.stringContaining('register a directory of the repository'),
    });
    clearInterval(counter);
    expect(turns).toBeGreaterThan(10);
  },
);

test('fewer are packages', async () => {
  const remote = await remotes.open();
  const commit = await multiplied(remote, 'Kptfile', 3);
  expect(await packagesOfCommit(remote.mirror, commit, undefined, nothingKnown)).toHaveLength(1000);
});

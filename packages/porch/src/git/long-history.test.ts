import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plainGit } from '../../../../e2e/harness/git-command.ts';
import { kptfile, startTestRemotes, type TestRemotes } from './discovery.test-support.ts';
import { discoverRevisions } from './discovery.ts';
import { DiscoveryMemory } from './discovery-memory.ts';

/** More than a function can be called with. */
const commits = 150_000;

let remotes: TestRemotes;
beforeAll(async () => {
  remotes = await startTestRemotes();
});
afterAll(() => remotes.close());

function history(): string {
  const content = kptfile('p');
  const lines = ['commit refs/heads/main', 'committer Ann <ann@example.com> 1700000000 +0000', 'data 0'];
  lines.push('M 100644 inline p/Kptfile', `data ${content.length}`, content);
  for (let count = 1; count < commits; count++) {
    lines.push('commit refs/heads/main', `committer Ann <ann@example.com> ${1_700_000_000 + count} +0000`, 'data 0');
  }
  return `${lines.join('\n')}\n`;
}

test('a repository with a very long history is read, and what was learned of it is kept', async () => {
  const remote = await remotes.open();
  await plainGit(remote.directory, ['-c', 'pack.compression=0', 'fast-import', '--quiet'], { input: history() });
  const file = join(await mkdtemp(join(tmpdir(), 'porch-learned-')), 'discovered');
  const memory = await DiscoveryMemory.open(file);
  const references = await remote.references();
  const { revisions } = await discoverRevisions({ mirror: remote.mirror, branch: 'main', references, memory });
  expect(revisions).toMatchObject([{ packageName: 'p', revision: -1 }]);
  await memory.save();
  expect((await DiscoveryMemory.open(file)).commits.size).toBe(commits);
  await rm(dirname(file), { recursive: true });
});

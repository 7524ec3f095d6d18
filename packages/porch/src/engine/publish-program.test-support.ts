import { join } from 'node:path';
import { plainGit } from '../../../../e2e/harness/git-command.ts';
import type { Trial } from './trial.test-support.ts';

/** The commit that the submodule of that revision is at. */
export const submodule = '0123456789abcdef0123456789abcdef01234567';

/** Publishes, behind the server's back, revision v3 of the package `basens` with a program and a submodule in it; gives the program's blob. */
export async function publishProgram(trial: Trial, repository: string, from: string): Promise<string> {
  const directory = trial.gitServer.directory(repository);
  const commit = trial.get(from)?.status.selfLock?.git?.commit ?? '';
  const blob = await plainGit(directory, ['hash-object', '-w', '--stdin'], { input: Buffer.from([0, 255, 254, 1]) });
  const env = { GIT_INDEX_FILE: join(directory, 'test-index') };
  await plainGit(directory, ['read-tree', commit], { env });
  for (const entry of [`100755,${blob},basens/tool.bin`, `160000,${submodule},basens/module`]) {
    await plainGit(directory, ['update-index', '--add', '--cacheinfo', entry], { env });
  }
  const tree = await plainGit(directory, ['write-tree'], { env });
  const next = await plainGit(directory, ['commit-tree', tree, '-p', commit, '-m', 'Add a program']);
  await plainGit(directory, ['update-ref', 'refs/tags/basens/v3', next]);
  return blob;
}

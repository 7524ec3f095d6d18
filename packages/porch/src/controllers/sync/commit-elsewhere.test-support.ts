import { plainGit } from '../../../../../e2e/harness/git-command.ts';
import type { Trial } from '../../engine/trial.test-support.ts';

/** A commit by somebody else: one file of a package changed on top of a commit. */
export async function commitElsewhere(
  trial: Trial,
  repository: string,
  parent: string,
  path: string,
  text: string,
  message = 'Elsewhere',
): Promise<string> {
  const directory = trial.gitServer.directory(repository);
  const env = { GIT_INDEX_FILE: `${directory}/index-of-test` };
  await plainGit(directory, ['read-tree', parent], { env });
  const blob = await plainGit(directory, ['hash-object', '-w', '--stdin'], { input: text });
  await plainGit(directory, ['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`], { env });
  const tree = await plainGit(directory, ['write-tree'], { env });
  return plainGit(directory, ['commit-tree', tree, '-p', parent, '-m', message]);
}

import type { GitRepository } from '../../cache/git-repositories.ts';
import type { EngineParts } from '../../engine/parts.ts';
import { committer } from '../../git/annotation.ts';
import { branchReference } from '../../git/layout.ts';
import { GitError, type RemoteReferences } from '../../git/types.ts';

/**
 * Makes the tracked branch where the Repository asks for that, with one commit that has no parent.
 * @throws GitError NotFound where it does not
 */
export async function ensureBranch(
  parts: EngineParts,
  git: GitRepository,
  references: RemoteReferences,
  signal: AbortSignal,
): Promise<RemoteReferences> {
  if (git.object.spec.git?.createBranch !== true) {
    throw new GitError(
      'NotFound',
      `branch "${git.branch}" not found in ${git.url}`,
      'Create the branch, set spec.git.createBranch, or register the repository again with a branch that it has.',
    );
  }
  const time = parts.clock();
  const signature = { ...committer, time };
  const [commit] = await git.mirror.writeCommits([
    {
      parents: [],
      changes: [
        {
          path: '',
          content: { files: [{ path: 'README.md', mode: '100644', bytes: Buffer.from('Created by porch\n') }] },
        },
      ],
      message: `Initial commit: Creating ${git.branch} branch`,
      author: signature,
      committer: signature,
    },
  ]);
  if (commit === undefined) throw new Error('Git returned no commit');
  const access = await git.access();
  const outcome = await git.mirror.push(access, [{ ref: branchReference(git.branch), old: null, new: commit }], {
    atomic: true,
  });
  const now = await git.mirror.lsRemote(access, { signal });
  if (outcome.type === 'rejected' && !now.refs.has(branchReference(git.branch))) {
    throw new GitError(
      'Rejected',
      `branch "${git.branch}" could not be created in ${git.url}: ${[...outcome.refs.values()].join('; ')}`,
      'Check the permissions of the credentials, and branch protection.',
    );
  }
  return now.refs.size === 0 ? references : now;
}

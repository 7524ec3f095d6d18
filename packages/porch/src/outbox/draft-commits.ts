import type { ContentStore } from '../cache/content-store.ts';
import type { GitRepository } from '../cache/git-repositories.ts';
import type { RevisionState } from '../cache/records.ts';
import { committer, draftCommitMessage } from '../git/annotation.ts';
import { mayCreate } from '../git/creation-task.ts';
import type { NewCommit } from '../git/types.ts';

/**
 * The commits of a draft that Git does not have yet, oldest first. They are the same whenever they are made: the same content,
 * parent, authors and times give the same ids. What they stand on is left out where the mirror does not have it, also after a fetch: the
 * mirror is new, and the remote has dropped it. `offset` is the number of commits that stand before them in the same call of
 * `writeCommits`.
 */
export async function draftCommits(
  contents: ContentStore,
  git: GitRepository,
  state: RevisionState,
  workspace: string,
  offset: number,
): Promise<NewCommit[]> {
  const commits: NewCommit[] = [];
  const base = state.tip ?? state.base;
  const first = base !== null && state.pending.length > 0 && (await git.mirror.has(base)) ? base : null;
  for (const pending of state.pending) {
    const parents = commits.length > 0 ? [{ index: offset + commits.length - 1 }] : first === null ? [] : [first];
    const files = await contents.read(git.namespace, git.name, pending.content);
    const time = new Date(pending.time);
    commits.push({
      parents,
      changes: [{ path: state.path, content: { files } }],
      message: draftCommitMessage({ path: state.path, workspaceName: workspace, task: pending.task }),
      author: { ...pending.author, time },
      committer: { ...committer, time },
    });
  }
  return commits;
}

/**
 * The state of a draft as if only its last version were still to be committed, recorded as what the draft was made by where that is not in
 * Git yet. For remotes that refuse what stood in an earlier version, such as a file that is too large: it was taken out since, and has no
 * other way to be left behind.
 */
export function withLastVersionOnly(state: RevisionState): RevisionState {
  const last = state.pending.at(-1);
  if (last === undefined) return state;
  const { task } = state.pending.find((pending) => mayCreate(pending.task)) ?? last;
  return { ...state, pending: [{ ...last, task }] };
}

import type { GitRepository } from '../../cache/git-repositories.ts';
import type { RevisionState } from '../../cache/records.ts';
import type { EngineParts } from '../../engine/parts.ts';
import type { NewCommit, ObjectId } from '../../git/types.ts';
import { draftCommits } from '../../outbox/draft-commits.ts';

/** A draft that was changed here and in Git. */
export interface DraftConflict {
  /** Name of the package revision. */
  readonly name: string;
  /** Its last commit as it would be pushed from here; null where it has none. */
  readonly ours: ObjectId | null;
  /** The commit that Git has. */
  readonly theirs: ObjectId;
}

/**
 * The drafts of a repository that both sides have changed, in order of name. Commits that were not pushed are made in the mirror,
 * so that their ids can be named: they are the same whenever they are made. Where the mirror does not have what they stand on (Git's
 * branch has left it, and the mirror is new), the last one that was pushed is named.
 */
export async function conflictsOf(parts: EngineParts, git: GitRepository): Promise<DraftConflict[]> {
  const found: { readonly name: string; readonly state: RevisionState; readonly theirs: ObjectId }[] = [];
  for (const { namespace, name } of parts.conflicts.keys()) {
    const state = namespace === git.namespace ? parts.cache.state(namespace, name)?.value : undefined;
    if (state?.repository === git.name && state.conflict !== undefined) {
      found.push({ name, state, theirs: state.conflict });
    }
  }
  found.sort((a, b) => (a.name < b.name ? -1 : 1));
  const commits: NewCommit[] = [];
  const last: (number | undefined)[] = [];
  for (const { name, state } of found) {
    const parent = state.tip ?? state.base;
    if (state.pending.length === 0 || (parent !== null && !(await git.mirror.has(parent)))) {
      last.push(undefined);
      continue;
    }
    const workspaceName = parts.cache.summary(git.namespace, name)?.workspaceName ?? '';
    commits.push(...(await draftCommits(parts.contents, git, state, workspaceName, commits.length)));
    last.push(commits.length - 1);
  }
  const ids = commits.length === 0 ? [] : await git.mirror.writeCommits(commits);
  return found.map(({ name, state, theirs }, index) => {
    const written = last[index] === undefined ? undefined : ids[last[index]];
    return { name, ours: written ?? state.tip, theirs };
  });
}

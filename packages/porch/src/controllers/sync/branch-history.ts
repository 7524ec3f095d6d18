import type { CommitIndex } from '../../git/commit-index.ts';
import type { Mirror, ObjectId } from '../../git/types.ts';

/**
 * Tells of commits whether they are in the history of a branch, whose head is in the mirror. The history is looked through when that is
 * first asked.
 */
export function branchHistory(
  commits: CommitIndex,
  mirror: Mirror,
  head: ObjectId | null,
): (commit: ObjectId) => Promise<boolean> {
  if (head === null) return async () => false;
  let known: Promise<(commit: ObjectId) => boolean> | undefined;
  return async (commit) => {
    known ??= commits.extend(mirror, [head]).then(() => commits.ancestorsOf(head));
    return (await known)(commit);
  };
}

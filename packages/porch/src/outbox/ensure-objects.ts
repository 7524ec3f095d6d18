import type { GitRepository } from '../cache/git-repositories.ts';
import type { ObjectId } from '../git/types.ts';

/**
 * Fetches where commits are missing from the mirror that the remote has: another process may have made and pushed them.
 * @throws GitError
 */
export async function ensureObjects(git: GitRepository, ids: readonly (ObjectId | null)[]): Promise<void> {
  const wanted = [...new Set(ids)].filter((id) => id !== null);
  const here = await Promise.all(wanted.map((id) => git.mirror.has(id)));
  if (here.includes(false)) await git.mirror.fetch(await git.access());
}

import type { WriteOperation } from '@porch/apiserver';
import type { GitRepository } from '../cache/git-repositories.ts';
import { repositoryStateKey } from '../cache/revision-cache.ts';
import { branchReference } from '../git/layout.ts';
import type { ObjectId } from '../git/types.ts';
import { ensureObjects } from '../outbox/ensure-objects.ts';
import type { EngineParts } from './parts.ts';

/**
 * The head of a repository's branch to begin with, which is in the mirror: as it is known, or as the remote says now where that commit is
 * nowhere any more. Null where the branch is not there.
 * @throws GitError
 */
export async function branchHead(parts: Pick<EngineParts, 'cache'>, git: GitRepository): Promise<ObjectId | null> {
  const known = parts.cache.repositoryState(git.namespace, git.name)?.value.head ?? null;
  await ensureObjects(git, [known]);
  if (known === null || (await git.mirror.has(known))) return known;
  const { refs } = await git.mirror.lsRemote(await git.access());
  const head = refs.get(branchReference(git.branch)) ?? null;
  await ensureObjects(git, [head]);
  return head;
}

/** Writes down where a repository's branch is now. */
export function headOperation({ namespace, name }: GitRepository, head: ObjectId | null): WriteOperation {
  return { type: 'merge', key: repositoryStateKey(namespace, name), patch: { record: { head } } };
}

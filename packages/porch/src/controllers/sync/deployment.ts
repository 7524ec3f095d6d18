import { turns } from '@porch/apiserver';
import type { GitRepository } from '../../cache/git-repositories.ts';
import type { RepositoryState } from '../../cache/records.ts';
import type { EngineParts } from '../../engine/parts.ts';
import type { PackageRevision } from '../../resources/package-revision.ts';
import type { Difference } from './differences.ts';

/** Whether the packages of a repository are deployed. */
export function isDeployment(git: GitRepository): boolean {
  return git.object.spec.deployment === true;
}

/**
 * Revisions whose status says otherwise than the Repository whether they are deployed. They are looked through when that has changed since
 * `before`. Those that others of the round are about have to wait for the next one: `left` counts them.
 */
export async function deploymentDifferences(
  parts: EngineParts,
  git: GitRepository,
  before: RepositoryState | undefined,
  others: readonly Difference[],
): Promise<{ readonly differences: readonly Difference[]; readonly left: number }> {
  const deployment = isDeployment(git);
  if (before === undefined || before.deployment === deployment) return { differences: [], left: 0 };
  const concerned = new Set(others.map(({ name }) => name));
  const differences: Difference[] = [];
  let left = 0;
  for (const served of parts.cache.eachRevisionOfRepository(git.namespace, git.name)) {
    if (turns.over) await turns.next();
    const { name } = served.key;
    if ((served.decode<PackageRevision>().status.deployment === true) === deployment) continue;
    // A push under way counts on the object as it is.
    const isPushed = parts.cache.state(git.namespace, name)?.value.intent !== undefined;
    if (isPushed || concerned.has(name)) left++;
    else
      differences.push({ type: 'deployment', name, packageName: served.fields['spec.packageName'] ?? '', deployment });
  }
  return { differences, left };
}

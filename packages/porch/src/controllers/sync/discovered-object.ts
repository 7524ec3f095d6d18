import type { ObjectMeta } from '@porch/apiserver';
import type { KptfileSummary } from '@porch/kpt';
import type { GitRepository } from '../../cache/git-repositories.ts';
import { selfLock, withKptfile } from '../../engine/derived-fields.ts';
import type { DiscoveredRevision } from '../../git/discovery-types.ts';
import { porchApiVersion } from '../../resources/group.ts';
import { isPublished, type PackageRevision } from '../../resources/package-revision.ts';

/** A package revision as Git has it, with the metadata that only the API has. */
export function discoveredObject(
  git: GitRepository,
  found: DiscoveredRevision,
  kptfile: KptfileSummary,
  metadata: ObjectMeta,
): PackageRevision {
  const published = isPublished(found.lifecycle);
  const object = withKptfile(
    {
      apiVersion: porchApiVersion,
      kind: 'PackageRevision',
      metadata,
      spec: {
        packageName: found.packageName,
        repository: git.name,
        workspaceName: found.workspaceName,
        ...(found.revision === 0 ? {} : { revision: found.revision }),
        lifecycle: found.lifecycle,
        ...(found.tasks.length === 0 ? {} : { tasks: [...found.tasks] }),
      },
      status: {
        deployment: git.object.spec.deployment === true,
        ...(published && found.publishedBy !== undefined ? { publishedBy: found.publishedBy } : {}),
        ...(published && found.publishTimestamp !== undefined ? { publishTimestamp: found.publishTimestamp } : {}),
      },
    },
    kptfile,
  );
  return { ...object, status: { ...object.status, selfLock: selfLock(git, object, published ? found.commit : null) } };
}

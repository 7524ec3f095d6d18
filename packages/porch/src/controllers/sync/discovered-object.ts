import type { ObjectMeta, Time } from '@porch/apiserver';
import type { KptfileSummary } from '@porch/kpt';
import type { GitRepository } from '../../cache/git-repositories.ts';
import { selfLock, specOfKptfile, statusOfKptfile } from '../../engine/derived-fields.ts';
import type { DiscoveredRevision } from '../../git/discovery-types.ts';
import { shortReference } from '../../git/layout.ts';
import { porchApiVersion } from '../../resources/group.ts';
import {
  isPublished,
  type Locator,
  type PackageRevision,
  type PackageRevisionSpec,
} from '../../resources/package-revision.ts';

/** A package revision as Git has it, with the metadata that only the API has. */
export function discoveredObject(
  git: GitRepository,
  found: DiscoveredRevision,
  kptfile: KptfileSummary,
  metadata: ObjectMeta,
): PackageRevision {
  const published = isPublished(found.lifecycle);
  const spec = {
    packageName: found.packageName,
    repository: git.name,
    workspaceName: found.workspaceName,
    ...(found.revision === 0 ? {} : { revision: found.revision }),
    lifecycle: found.lifecycle,
    ...(found.tasks.length === 0 ? {} : { tasks: [...found.tasks] }),
    ...specOfKptfile(kptfile),
  };
  const time = published ? publicationTime(found) : undefined;
  const status = {
    deployment: git.object.spec.deployment === true,
    ...(published && found.publishedBy !== undefined ? { publishedBy: found.publishedBy } : {}),
    ...(time === undefined ? {} : { publishTimestamp: time }),
    ...statusOfKptfile(kptfile),
    selfLock: lockOf(git, spec, found),
  };
  return { apiVersion: porchApiVersion, kind: 'PackageRevision', metadata, spec, status };
}

/** When a revision was published, in whole seconds; of thousands, reading the time to write it again would take longer than all the rest. */
export function publicationTime({ publishTimestamp }: DiscoveredRevision): Time | undefined {
  return publishTimestamp === undefined ? undefined : `${publishTimestamp.slice(0, 'YYYY-MM-DDThh:mm:ss'.length)}Z`;
}

/** Tags without a number are found by their own name, which the object's revision does not tell. */
function lockOf(git: GitRepository, spec: PackageRevisionSpec, found: DiscoveredRevision): Locator {
  const lock = selfLock(git, { spec }, isPublished(found.lifecycle) ? found.commit : null);
  return { ...lock, git: { ...lock.git, ref: shortReference(found.ref) } };
}

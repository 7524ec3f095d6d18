import type { RequestContext } from '@porch/apiserver';
import { PackageError, type UpgradeStrategy, upgradeStrategies } from '@porch/kpt';
import type { PackageContent } from '../cache/content.ts';
import type { GitRepository } from '../cache/git-repositories.ts';
import type { ReadRevision } from '../cache/revision-cache.ts';
import { isPublished, type PackageRevision, type Task } from '../resources/package-revision.ts';
import { ContentTokens, mergedModes } from './content-tokens.ts';
import { invalidField } from './errors.ts';
import type { EngineParts } from './parts.ts';
import { contentOf, sourceRevision } from './source-revision.ts';

const upgradeField = 'spec.tasks[0].upgrade';

/**
 * The content of a package after an upgrade: the local revision with what changed between two revisions of its upstream, and
 * with the newer one as its upstream.
 *
 * @throws StatusError 400 naming the field of a revision that may not be used, or the strategy that could not be carried out
 */
export async function upgradedContent(
  parts: EngineParts,
  context: RequestContext,
  git: GitRepository,
  object: PackageRevision,
  task: Task,
): Promise<PackageContent> {
  const { upgrade } = task;
  const published = (field: string, name = ''): ReadRevision =>
    publishedRevision(parts, context, object, name, `${upgradeField}.${field}.name`);
  const old = published('oldUpstreamRef', upgrade?.oldUpstreamRef?.name);
  const updated = published('newUpstreamRef', upgrade?.newUpstreamRef?.name);
  const local = published('localPackageRevisionRef', upgrade?.localPackageRevisionRef?.name);
  checkPackage(git, object, local);
  const [before, after, mine] = await Promise.all([
    contentOf(parts, context, old),
    contentOf(parts, context, updated),
    contentOf(parts, context, local),
  ]);
  const { packageName = '' } = object.spec;
  const { repo = '', directory = '', ref = '', commit = '' } = updated.value.status.selfLock?.git ?? {};
  const tokens = new ContentTokens();
  const strategy = strategyOf(object, upgrade?.strategy);
  try {
    const job = await parts.workers.run(
      {
        files: tokens.textsOf(mine),
        steps: [
          {
            type: 'upgrade',
            strategy,
            old: tokens.textsOf(before),
            updated: tokens.textsOf(after),
            name: packageName,
            upstream: { type: 'git', git: { repo, directory, ref } },
            lock: { type: 'git', git: { repo, directory, ref, commit } },
            ...(git.object.spec.deployment === true && { deployment: { packagePath: packageName } }),
          },
        ],
        render: parts.render(git.namespace),
      },
      context.signal,
    );
    return tokens.contentOf(job.files, mergedModes(before, after, mine));
  } catch (error) {
    if (!(error instanceof PackageError)) throw error;
    throw invalidField(object.metadata.name ?? '', `${upgradeField}.strategy`, strategy, error.message);
  }
}

function publishedRevision(
  parts: EngineParts,
  context: RequestContext,
  object: PackageRevision,
  name: string,
  field: string,
): ReadRevision {
  const source = sourceRevision(parts, context, object, name, field);
  if (isPublished(source.value.spec.lifecycle)) return source;
  throw invalidField(object.metadata.name ?? '', field, name, 'package revision must be published');
}

function checkPackage(git: GitRepository, object: PackageRevision, local: ReadRevision): void {
  const { repository, packageName } = local.value.spec;
  if (repository === git.name && packageName === object.spec.packageName) return;
  throw invalidField(
    object.metadata.name ?? '',
    `${upgradeField}.localPackageRevisionRef.name`,
    local.key.name,
    `must be a revision of the package that is upgraded: "${object.spec.packageName}" in repository "${git.name}", ` +
      `not "${packageName}" in "${repository}"`,
  );
}

function strategyOf(object: PackageRevision, strategy = ''): UpgradeStrategy {
  const known = strategy === '' ? upgradeStrategies[0] : upgradeStrategies.find((one) => one === strategy);
  if (known !== undefined) return known;
  throw invalidField(
    object.metadata.name ?? '',
    `${upgradeField}.strategy`,
    strategy,
    `supported: ${upgradeStrategies.join(', ')}`,
  );
}

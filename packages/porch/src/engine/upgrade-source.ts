import type { RequestContext } from '@porch/apiserver';
import { PackageError, type PackageStep, type UpgradeStrategy, upgradeStrategies } from '@porch/kpt';
import type { PackageContent } from '../cache/content.ts';
import type { GitRepository } from '../cache/git-repositories.ts';
import type { ReadRevision } from '../cache/revision-cache.ts';
import { isPublished, type PackageRevision, type Task } from '../resources/package-revision.ts';
import { ContentTokens, mergedModes } from './content-tokens.ts';
import { invalidField } from './errors.ts';
import type { EngineParts } from './parts.ts';
import { contentOf, namedRevision, sourceRevision } from './source-revision.ts';

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
  const { packageName = '' } = object.spec;
  const name = task.upgrade?.localPackageRevisionRef?.name ?? '';
  const field = 'spec.tasks[0].upgrade.localPackageRevisionRef.name';
  const upgrade = upgradeOf(parts, context, { git, object, task, place: 'spec.tasks[0]' });
  const local = published(object, sourceRevision(parts, context, object, name, field), field);
  checkPackage(git, object, local, field);
  return merged(parts, context, upgrade, await contentOf(parts, context, local), {
    name: packageName,
    ...(git.object.spec.deployment === true && { deployment: { packagePath: packageName } }),
  });
}

/** A task that upgrades, and where it stands: `spec.tasks[0]`. */
export interface UpgradeTask {
  readonly git: GitRepository;
  readonly object: PackageRevision;
  readonly task: Task;
  readonly place: string;
}

/**
 * The content of a subpackage after an upgrade; `local` is what the draft has in its directory, `name` its name in the Kptfile.
 * @throws StatusError 400 naming the field of a revision that may not be used, or the strategy that could not be carried out
 */
export async function upgradedSubpackage(
  parts: EngineParts,
  context: RequestContext,
  task: UpgradeTask,
  local: PackageContent,
  name: string,
): Promise<PackageContent> {
  return merged(parts, context, upgradeOf(parts, context, task), local, { name, subpackage: true });
}

/** What an upgrade is made of, but for the local side. */
interface Upgrade extends UpgradeTask {
  readonly old: ReadRevision;
  readonly updated: ReadRevision;
}

/** The old upstream may be what followed the branch, since that is what a package may have come from. */
function upgradeOf(parts: EngineParts, context: RequestContext, task: UpgradeTask): Upgrade {
  const { object, place } = task;
  const { oldUpstreamRef, newUpstreamRef } = task.task.upgrade ?? {};
  const [before, after] = [`${place}.upgrade.oldUpstreamRef.name`, `${place}.upgrade.newUpstreamRef.name`];
  return {
    ...task,
    old: published(object, namedRevision(parts, context, object, oldUpstreamRef?.name ?? '', before), before),
    updated: published(object, sourceRevision(parts, context, object, newUpstreamRef?.name ?? '', after), after),
  };
}

async function merged(
  parts: EngineParts,
  context: RequestContext,
  { git, object, task, place, old, updated }: Upgrade,
  local: PackageContent,
  as: { readonly name: string; readonly deployment?: { readonly packagePath: string }; readonly subpackage?: true },
): Promise<PackageContent> {
  const [before, after] = await Promise.all([contentOf(parts, context, old), contentOf(parts, context, updated)]);
  const { repo = '', directory = '', ref = '', commit = '' } = updated.value.status.selfLock?.git ?? {};
  const tokens = new ContentTokens();
  const field = `${place}.upgrade.strategy`;
  const strategy = strategyOf(object, task.upgrade?.strategy, field);
  const steps: PackageStep[] = [
    {
      type: 'upgrade',
      strategy,
      old: tokens.textsOf(before),
      updated: tokens.textsOf(after),
      name: as.name,
      upstream: { type: 'git', git: { repo, directory, ref } },
      lock: { type: 'git', git: { repo, directory, ref, commit } },
      ...(as.deployment !== undefined && { deployment: as.deployment }),
    },
    ...(as.subpackage === true ? [{ type: 'subpackage', name: as.name } as const] : []),
  ];
  try {
    const job = await parts.workers.run(
      { files: tokens.textsOf(local), steps, render: parts.render(git.namespace), whose: git.namespace },
      context.signal,
    );
    return tokens.contentOf(job.files, mergedModes(before, after, local));
  } catch (error) {
    if (!(error instanceof PackageError)) throw error;
    throw invalidField(object.metadata.name ?? '', field, strategy, error.message);
  }
}

function published(object: PackageRevision, source: ReadRevision, field: string): ReadRevision {
  if (isPublished(source.value.spec.lifecycle)) return source;
  throw invalidField(object.metadata.name ?? '', field, source.key.name, 'package revision must be published');
}

function checkPackage(git: GitRepository, object: PackageRevision, local: ReadRevision, field: string): void {
  const { repository, packageName } = local.value.spec;
  if (repository === git.name && packageName === object.spec.packageName) return;
  throw invalidField(
    object.metadata.name ?? '',
    field,
    local.key.name,
    `must be a revision of the package that is upgraded: "${object.spec.packageName}" in repository "${git.name}", ` +
      `not "${packageName}" in "${repository}"`,
  );
}

function strategyOf(object: PackageRevision, strategy = '', field: string): UpgradeStrategy {
  const known = strategy === '' ? upgradeStrategies[0] : upgradeStrategies.find((one) => one === strategy);
  if (known !== undefined) return known;
  throw invalidField(object.metadata.name ?? '', field, strategy, `supported: ${upgradeStrategies.join(', ')}`);
}

import type { RequestContext } from '@porch/apiserver';
import type { KptfileUpstream, KptfileUpstreamLock } from '@porch/kpt';
import type { PackageContent } from '../cache/content.ts';
import type { GitRepository } from '../cache/git-repositories.ts';
import { draftReference, proposedReference, shortReference } from '../git/layout.ts';
import { packageRevisions } from '../resources/group.ts';
import { isPublished, type PackageRevision, type Task } from '../resources/package-revision.ts';
import { answering, invalidField } from './errors.ts';
import { gitSource } from './git-source.ts';
import type { EngineParts } from './parts.ts';
import { contentOf, sourceRevision } from './source-revision.ts';
import { upgradedContent } from './upgrade-source.ts';

/** Content to start from, and for clones where it came from. */
export interface Source {
  readonly content: PackageContent;
  readonly upstream?: KptfileUpstream;
  readonly lock?: KptfileUpstreamLock;
}

/**
 * What a new package revision starts from, by its task.
 * @throws StatusError 400 naming the field for a source that does not exist or may not be used
 */
export async function resolveSource(
  parts: EngineParts,
  context: RequestContext,
  git: GitRepository,
  object: PackageRevision,
  task: Task,
): Promise<Source> {
  if (task.type === 'edit') return editSource(parts, context, git, object, task);
  if (task.type === 'init') return { content: [] };
  if (task.type === 'upgrade') return { content: await upgradedContent(parts, context, git, object, task) };
  if (task.type !== 'clone') {
    throw invalidField(nameOf(object), 'spec.tasks[0].type', task.type, 'use init, clone, edit or upgrade');
  }
  return cloneSource(parts, context, object, task, 'spec.tasks[0]');
}

/**
 * What a task that clones starts from; `place` is where the task stands in the object: `spec.tasks[0]`.
 * @throws StatusError 400 naming the field for a source that does not exist or may not be used
 */
export async function cloneSource(
  parts: EngineParts,
  context: RequestContext,
  object: PackageRevision,
  task: Task,
  place: string,
): Promise<Required<Source>> {
  const upstream = task.clone?.upstreamRef;
  const field = `${place}.clone.upstreamRef`;
  if (upstream?.upstreamRef !== undefined) {
    return registeredSource(parts, context, object, upstream.upstreamRef.name, `${field}.upstreamRef.name`);
  }
  if (upstream?.git !== undefined) return gitSource(parts, context, nameOf(object), upstream.git, `${field}.git`);
  const detail = 'name a source: git or upstreamRef (oci is not supported)';
  throw invalidField(nameOf(object), field, upstream ?? null, detail);
}

async function editSource(
  parts: EngineParts,
  context: RequestContext,
  git: GitRepository,
  object: PackageRevision,
  task: Task,
): Promise<Source> {
  const field = 'spec.tasks[0].edit.sourceRef.name';
  const source = sourceRevision(parts, context, object, task.edit?.sourceRef?.name ?? '', field);
  if (source.value.spec.repository !== git.name || source.value.spec.packageName !== object.spec.packageName) {
    throw invalidField(nameOf(object), field, source.key.name, 'source revision must be from same package');
  }
  if (!isPublished(source.value.spec.lifecycle)) {
    throw invalidField(nameOf(object), field, source.key.name, 'source revision must be published');
  }
  return { content: await contentOf(parts, context, source) };
}

async function registeredSource(
  parts: EngineParts,
  context: RequestContext,
  object: PackageRevision,
  name: string,
  field: string,
): Promise<Required<Source>> {
  let source = sourceRevision(parts, context, object, name, field);
  let commit = source.value.status.selfLock?.git?.commit;
  let ref = source.value.status.selfLock?.git?.ref;
  if (!isPublished(source.value.spec.lifecycle)) {
    if (parts.pushDrafts === 'off') {
      throw invalidField(
        nameOf(object),
        field,
        name,
        'a draft can be cloned only where drafts are pushed to Git (--push-drafts)',
      );
    }
    await answering(packageRevisions, nameOf(object), `the draft ${name} could not be pushed to Git`, () =>
      parts.queue.mirrored(context.namespace, name, context.signal),
    );
    source = sourceRevision(parts, context, object, name, field);
    const state = parts.cache.state(context.namespace, name)?.value;
    const { path = '', tip = null } = state ?? {};
    const workspace = source.value.spec.workspaceName ?? '';
    commit = tip ?? undefined;
    const branch = source.value.spec.lifecycle === 'Draft' ? draftReference : proposedReference;
    ref = shortReference(branch(path, workspace));
  }
  const { repo = '', directory = '' } = source.value.status.selfLock?.git ?? {};
  const place = { repo, directory, ref: ref ?? '' };
  return {
    content: await contentOf(parts, context, source),
    upstream: { type: 'git', git: place },
    lock: { type: 'git', git: { ...place, commit: commit ?? '' } },
  };
}

function nameOf(object: PackageRevision): string {
  return object.metadata.name ?? '';
}

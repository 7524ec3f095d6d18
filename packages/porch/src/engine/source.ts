import type { RequestContext } from '@porch/apiserver';
import { type KptfileUpstream, type KptfileUpstreamLock, kptfileName } from '@porch/kpt';
import { type PackageContent, treeContent } from '../cache/content.ts';
import type { GitRepository } from '../cache/git-repositories.ts';
import { draftReference, normalDirectory, proposedReference, shortReference } from '../git/layout.ts';
import { GitError, type Mirror, type ObjectId, type RemoteReferences } from '../git/types.ts';
import { packageRevisions } from '../resources/group.ts';
import { isPublished, type PackageRevision, type Task } from '../resources/package-revision.ts';
import { answering, invalidField } from './errors.ts';
import type { EngineParts } from './parts.ts';
import { contentOf, sourceRevision } from './source-revision.ts';
import { upgradedContent } from './upgrade-source.ts';

/** Content to start from, and for clones where it came from. */
export interface Source {
  readonly content: PackageContent;
  readonly upstream?: KptfileUpstream;
  readonly lock?: KptfileUpstreamLock;
}

const cloneField = 'spec.tasks[0].clone.upstreamRef';

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
  const upstream = task.clone?.upstreamRef;
  if (upstream?.upstreamRef !== undefined) return registeredSource(parts, context, object, upstream.upstreamRef.name);
  if (upstream?.git !== undefined) return gitSource(parts, context, object, upstream.git);
  throw invalidField(
    nameOf(object),
    cloneField,
    upstream ?? null,
    'name a source: git or upstreamRef (oci is not supported)',
  );
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
): Promise<Source> {
  const field = `${cloneField}.upstreamRef.name`;
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

async function gitSource(
  parts: EngineParts,
  context: RequestContext,
  object: PackageRevision,
  place: { repo: string; ref: string; directory: string; secretRef?: { name: string } },
): Promise<Source> {
  const name = nameOf(object);
  const secret = place.secretRef?.name;
  return answering(packageRevisions, name, `cannot clone ${place.repo}`, async () => {
    const mirror = await parts.repositories.mirror(place.repo);
    const access = await parts.repositories.accessTo(context.namespace, place.repo, secret);
    const options = { signal: context.signal };
    const references = await mirror.lsRemote(access, options);
    const directory = normalDirectory(place.directory);
    const found = candidates(references, directory, place.ref);
    if (found === undefined || !(await mirror.has(found))) await mirror.fetch(access, options);
    const commit = found ?? (await visibleCommit(mirror, references, place.ref));
    if (commit === undefined) {
      throw invalidField(
        name,
        `${cloneField}.git.ref`,
        place.ref,
        'there is no such branch, tag or commit in the repository',
      );
    }
    const tree = (await mirror.entryAt(commit, directory))?.id;
    const kptfile = await mirror.entryAt(commit, directory === '' ? kptfileName : `${directory}/${kptfileName}`);
    if (tree === undefined || kptfile?.type !== 'blob') {
      throw invalidField(
        name,
        `${cloneField}.git.directory`,
        place.directory,
        `there is no Kptfile in it at ${place.ref}`,
      );
    }
    const git = { repo: place.repo, directory: place.directory ?? '', ref: place.ref };
    return {
      content: await treeContent(mirror, tree),
      upstream: { type: 'git', git },
      lock: { type: 'git', git: { ...git, commit } },
    } satisfies Source;
  });
}

/** The commit that a name means: a tag or branch of the package first, then one of the repository. */
function candidates(references: RemoteReferences, directory: string, ref: string): ObjectId | undefined {
  const names = directory === '' ? [ref] : [`${directory}/${ref}`, ref];
  for (const name of names) {
    for (const full of [name, `refs/tags/${name}`, `refs/heads/${name}`]) {
      const id = references.peeled.get(full) ?? references.refs.get(full);
      if (id !== undefined) return id;
    }
  }
  return undefined;
}

/** A commit named by its id, if it can be reached from what these credentials can see. */
async function visibleCommit(mirror: Mirror, references: RemoteReferences, id: string): Promise<ObjectId | undefined> {
  if (!/^[0-9a-f]{40}$/.test(id) || !(await mirror.has(id))) return undefined;
  const heads = [...references.refs].map(([ref, head]) => references.peeled.get(ref) ?? head);
  try {
    return (await mirror.history([id], heads)).length === 0 ? id : undefined;
  } catch (error) {
    if (error instanceof GitError && error.errorClass === 'NotFound') return undefined;
    throw error;
  }
}

function nameOf(object: PackageRevision): string {
  return object.metadata.name ?? '';
}

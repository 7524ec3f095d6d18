import {
  type RequestContext,
  StatusError,
  statusErrors,
  type WriteOperation,
  type WriteOptions,
  type WriteResult,
} from '@porch/apiserver';
import type { PackageStep } from '@porch/kpt';
import { timeOf } from '../cache/clock.ts';
import { textsOf, withTexts } from '../cache/content.ts';
import type { GitRepository } from '../cache/git-repositories.ts';
import { type PackageName, planPackageWrites } from '../cache/package-writes.ts';
import { putRecord, type RevisionState } from '../cache/records.ts';
import type { RevisionSummary } from '../cache/revision-cache.ts';
import { commitAuthor } from '../git/annotation.ts';
import { tagReference } from '../git/layout.ts';
import { packageRevisions, porchApiVersion, porchGroup } from '../resources/group.ts';
import { packageRevisionName, packageRevisionUid } from '../resources/names.ts';
import { defaultTask, type PackageRevision, type Task } from '../resources/package-revision.ts';
import { isReferenceName } from '../resources/reference-name.ts';
import { awaitMirror } from './await-mirror.ts';
import { commitRevision } from './commit-revision.ts';
import { selfLock, withKptfile } from './derived-fields.ts';
import { answering, conflict, invalidField, renderFailed } from './errors.ts';
import { familyMutex, serialMutex, writeMutex } from './mutex-names.ts';
import { upstreamUsed } from './named-upstream.ts';
import type { EngineParts } from './parts.ts';
import { repositoryForCreation } from './repository-for-creation.ts';
import { renderStatusOf } from './resources-view.ts';
import { retrying } from './retrying.ts';
import { resolveSource, type Source } from './source.ts';

/** Makes a draft or a proposal. Nothing is stored, and nothing pushed, unless everything succeeds. */
export async function createPackageRevision(
  parts: EngineParts,
  context: RequestContext,
  object: PackageRevision,
  options: WriteOptions,
): Promise<WriteResult> {
  const { repository = '', packageName = '', workspaceName = '' } = object.spec;
  const namespace = context.namespace;
  const name = packageRevisionName({ repository, packageName, workspaceName });
  const git = await answering(packageRevisions, name, 'the package revision could not be created', () =>
    repositoryForCreation(parts, context, repository),
  );
  checkPlace(git, name, object);
  const release = await parts.revisionLocks.tryAcquire(namespace, name);
  if (release === undefined) {
    throw conflict(
      '(new creation)',
      `another request is already in progress to create package revision with details namespace=${namespace}, ` +
        `repository=${repository}, package=${packageName}, workspace=${workspaceName}`,
    );
  }
  try {
    return await parts.packageMutexes.run(serialMutex({ namespace, repository, packageName }), () =>
      create(parts, context, git, { ...object, metadata: { ...object.metadata, name, namespace } }, options),
    );
  } finally {
    await release();
  }
}

/** The name that the workspace of the branch makes belongs to the revision that follows the branch. */
function checkPlace(git: GitRepository, name: string, { spec }: PackageRevision): void {
  const { packageName = '', workspaceName = '' } = spec;
  if (!isReferenceName(tagReference(git.fullPath(packageName), 1))) {
    throw invalidField(
      name,
      'spec.repository',
      git.name,
      `its directory ${JSON.stringify(git.directory)} cannot be part of the name of a branch or tag, so that its packages can only be read`,
    );
  }
  if (workspaceName !== git.branch) return;
  throw invalidField(
    name,
    'spec.workspaceName',
    workspaceName,
    `it is the name of the branch of repository "${git.name}", after which the revision that follows the branch is named; choose another`,
  );
}

async function create(
  parts: EngineParts,
  context: RequestContext,
  git: GitRepository,
  object: PackageRevision,
  options: WriteOptions,
): Promise<WriteResult> {
  const namespace = context.namespace;
  const name = object.metadata.name ?? '';
  const { packageName = '' } = object.spec;
  const place = { namespace, repository: git.name, packageName };
  const task = object.spec.tasks?.[0] ?? defaultTask(packageName);
  checkAbsent(parts, git, object, task);
  upstreamUsed(parts, context, object, task);
  const source = await resolveSource(parts, context, git, object, task);
  const built = await build(parts, context, git, object, task, source);
  const blob = await parts.contents.prepare(built.content);
  const now = timeOf(parts.clock);
  const uid = packageRevisionUid(namespace, name, parts.cache.incarnation(packageRevisions, namespace, name));
  const revision: PackageRevision = {
    ...built.object,
    apiVersion: porchApiVersion,
    kind: 'PackageRevision',
    metadata: { ...built.object.metadata, uid, creationTimestamp: now, generation: 1 },
  };
  const author = commitAuthor(git.object.spec.git, context.user);
  // Whether it may be made is decided once more at the last moment: much may have happened while the package was made.
  const attempt = async (): Promise<WriteResult> => {
    context.signal.throwIfAborted();
    checkAbsent(parts, git, object, task);
    const synced = parts.cache.repositoryState(namespace, git.name);
    if (synced === undefined) {
      throw new StatusError(409, 'Conflict', `repository "${git.name}" has been unregistered meanwhile`);
    }
    const upstream = upstreamUsed(parts, context, object, task);
    const old = parts.cache.state(namespace, name);
    // A push of the draft that had this name before may still come: it is ours, and to be replaced.
    const unanswered = old?.value.unanswered ?? parts.cache.tombstone(packageRevisions, namespace, name)?.unanswered;
    const state: RevisionState = {
      repository: git.name,
      path: git.fullPath(packageName),
      refs: old?.value.refs ?? {},
      ...(old?.value.pushing === undefined ? {} : { pushing: old.value.pushing }),
      ...(unanswered === undefined ? {} : { unanswered }),
      tip: null,
      base: synced.value.head,
      pending: [{ content: blob.digest, task, author, time: parts.clock().toISOString() }],
    };
    const change = {
      namespace,
      name,
      object: revision,
      expected: 0,
      content: blob.digest,
      state,
      expectedState: old?.revision ?? 0,
      resources: built.renderStatus === undefined ? null : { renderStatus: built.renderStatus },
    };
    return commitRevision(
      parts,
      { namespace, name, dryRun: options.dryRun, created: true },
      {
        preconditions: [{ key: synced.key, revision: synced.revision }, ...upstream.preconditions],
        content: [blob],
        operations: [
          ...planPackageWrites(parts.cache, place, [change], now),
          ...familyOperations(parts, place),
          ...upstream.operations,
        ],
      },
    );
  };
  const { packageMutexes } = parts;
  const result = await answering(packageRevisions, name, 'the package revision could not be created', () =>
    parts.queue.hold(namespace, git.name, name, () =>
      packageMutexes.run(familyMutex(place), () => packageMutexes.run(writeMutex(place), () => retrying(attempt))),
    ),
  );
  if (!options.dryRun) await awaitMirror(parts, context, name);
  return result;
}

/**
 * A new package changes a record of its family, the packages that could contain one another: of two processes that make such packages at
 * the same time the second is refused, and looks again.
 */
function familyOperations(parts: EngineParts, place: PackageName): WriteOperation[] {
  if (parts.cache.packageObject(place.namespace, place.repository, place.packageName) !== undefined) return [];
  const { key, revision } = parts.cache.family(place.namespace, place.repository, place.packageName);
  return [putRecord(key, { newest: place.packageName, at: parts.cache.revision }, revision)];
}

function checkAbsent(parts: EngineParts, git: GitRepository, object: PackageRevision, task: Task): void {
  const { packageName = '', workspaceName = '' } = object.spec;
  const name = object.metadata.name ?? '';
  const there = parts.cache.packageRevision(git.namespace, name)?.value;
  if (there !== undefined) {
    const going = there.metadata.deletionTimestamp === undefined ? '' : 'object is being deleted: ';
    throw new StatusError(
      409,
      'AlreadyExists',
      `${going}package revision workspaceNames must be unique; package revision with name ${packageName} in repo ${git.name} ` +
        `with workspaceName ${workspaceName} already exists`,
      { name, group: porchGroup, kind: 'packagerevisions' },
    );
  }
  if (task.type !== 'init' && task.type !== 'clone') return;
  const siblings = parts.cache.revisionsOfPackage(git.namespace, git.name, packageName);
  if (siblings.length > 0) {
    throw new StatusError(
      409,
      'AlreadyExists',
      `package "${packageName}" already exists in repo "${git.name}"; ${insteadOfMakingAnew(siblings, git, packageName)}`,
      { name, group: porchGroup, kind: 'packagerevisions' },
    );
  }
  const nested = ancestors(packageName).find(
    (ancestor) => parts.cache.packageObject(git.namespace, git.name, ancestor) !== undefined,
  );
  const other = nested ?? parts.cache.packagesBelow(git.namespace, git.name, packageName)[0];
  if (other !== undefined) {
    throw statusErrors.badRequest(
      `packages cannot be nested: "${packageName}" and the existing package "${other}" in repo "${git.name}" contain one another`,
    );
  }
}

/** What can be done about a package that is there already: what it has decides whether another revision can be copied from it. */
function insteadOfMakingAnew(revisions: readonly RevisionSummary[], git: GitRepository, packageName: string): string {
  const followsBranch = ({ revision, workspaceName }: RevisionSummary): boolean =>
    revision < 0 && workspaceName === git.branch;
  if (revisions.some((one) => one.revision !== 0 && !followsBranch(one))) {
    return 'make another revision of it with a task of type edit (copy)';
  }
  const [draft] = revisions.filter(({ revision }) => revision === 0);
  if (draft !== undefined) {
    return `nothing of it is published: change "${draft.name}", or publish that and make another revision with a task of type edit (copy)`;
  }
  const [first] = revisions;
  return (
    `all that there is of it is "${first?.name}", which follows the branch: give it a first revision with a tag ` +
    `"${git.fullPath(packageName)}/v1" in Git, or propose and carry out its deletion, then make the package anew`
  );
}

function ancestors(path: string): string[] {
  const segments = path.split('/');
  return segments.slice(1).map((_, index) => segments.slice(0, index + 1).join('/'));
}

async function build(
  parts: EngineParts,
  context: RequestContext,
  git: GitRepository,
  object: PackageRevision,
  task: Task,
  source: Source,
) {
  const { packageName = '', readinessGates, packageMetadata } = object.spec;
  const steps: PackageStep[] = [];
  if (task.type === 'init') {
    steps.push({
      type: 'init',
      name: packageName,
      description: task.init?.description ?? '',
      keywords: task.init?.keywords ?? [],
      site: task.init?.site ?? '',
    });
  }
  if (source.upstream !== undefined && source.lock !== undefined) {
    const deployment = git.object.spec.deployment === true ? { deployment: { packagePath: packageName } } : {};
    steps.push({ type: 'clone', name: packageName, upstream: source.upstream, lock: source.lock, ...deployment });
  }
  steps.push({
    type: 'metadata',
    merge: true,
    ...(packageMetadata?.labels === undefined ? {} : { labels: packageMetadata.labels }),
    ...(packageMetadata?.annotations === undefined ? {} : { annotations: packageMetadata.annotations }),
    ...(readinessGates === undefined ? {} : { readinessGates }),
  });
  steps.push({ type: 'render' });
  const files = textsOf(source.content);
  const job = await answering(packageRevisions, object.metadata.name ?? '', 'the package cannot be made', () =>
    parts.workers.run({ files, steps, render: parts.render(git.namespace), whose: git.namespace }, context.signal),
  );
  if (job.render?.error !== undefined) throw renderFailed(job.render, false);
  const draft: PackageRevision = {
    ...object,
    spec: { ...object.spec, lifecycle: object.spec.lifecycle ?? 'Draft', tasks: [task] },
    status: { deployment: git.object.spec.deployment === true },
  };
  const derived = withKptfile(draft, job.kptfile);
  return {
    // Of a package without functions there is nothing to say.
    ...(job.render?.result.items === undefined ? {} : { renderStatus: renderStatusOf(job.render) }),
    content: withTexts(source.content, job.files),
    object: { ...derived, status: { ...derived.status, selfLock: selfLock(git, derived, null) } },
  };
}

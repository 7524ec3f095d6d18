import {
  fieldError,
  type ObjectKey,
  PreconditionFailedError,
  type RequestContext,
  serveObject,
  statusErrors,
  type UpdateFunction,
  type WriteOptions,
  type WriteResult,
} from '@porch/apiserver';
import { timeOf } from '../cache/clock.ts';
import type { GitRepository } from '../cache/git-repositories.ts';
import { planPackageWrites, type RevisionChange } from '../cache/package-writes.ts';
import type { ResourcesState, RevisionState } from '../cache/records.ts';
import type { Read, ReadRevision } from '../cache/revision-cache.ts';
import { commitAuthor } from '../git/annotation.ts';
import { packageRevisions, porchGroup } from '../resources/group.ts';
import { isPublished, type PackageRevision } from '../resources/package-revision.ts';
import { commitRevision } from './commit-revision.ts';
import { awaitMirror } from './create.ts';
import { removeRevision } from './delete.ts';
import { selfLock, withGeneration, withKptfile } from './derived-fields.ts';
import { answering, busy, conflict, revisionNotFound, stale } from './errors.ts';
import type { EngineParts } from './parts.ts';
import { publish } from './publish.ts';
import { renderDraft } from './render-draft.ts';
import { renderStatusOf } from './resources-view.ts';
import type { WriteThrough } from './types.ts';

/** A package revision with everything that a write to it needs, read at one moment. */
export interface Target {
  readonly git: GitRepository;
  readonly read: ReadRevision;
  readonly state: Read<RevisionState>;
}

/**
 * Runs `work` as the only writer of a package revision. Whoever comes second gets a 409 at once, also while a push of this
 * revision has an unknown outcome.
 */
export async function withRevision<T>(
  parts: EngineParts,
  context: RequestContext,
  view: Parameters<typeof busy>[0],
  name: string,
  work: (target: Target) => Promise<T>,
): Promise<T> {
  const { namespace } = context;
  const release = await parts.revisionLocks.tryAcquire(namespace, name);
  if (release === undefined) throw busy(view, namespace, name);
  try {
    const read = parts.cache.packageRevision(namespace, name);
    const state = parts.cache.state(namespace, name);
    if (read === undefined || state === undefined) throw revisionNotFound(view, name);
    if (state.value.intent !== undefined) throw busy(view, namespace, name);
    const git = await parts.repositories.open(namespace, read.value.spec.repository ?? '');
    return await answering(view, name, `the change to ${name} could not be made`, () => work({ git, read, state }));
  } finally {
    await release();
  }
}

/** @throws StatusError 400 for a missing resourceVersion, 409 for a stale one */
export function checkResourceVersion(
  view: Parameters<typeof busy>[0],
  name: string,
  asked: string | undefined,
  actual: number,
): void {
  if (asked === undefined || asked === '') {
    const kind = view === packageRevisions ? 'PackageRevision' : 'PackageRevisionResources';
    throw statusErrors.invalid(
      { group: porchGroup, kind },
      name,
      [fieldError.invalid('metadata.resourceVersion', '', 'resourceVersion must be specified for an update')],
      400,
    );
  }
  if (asked !== String(actual)) throw stale(view, name);
}

/** Changes a package revision: lifecycle, metadata, and the fields that its Kptfile carries. */
export async function updatePackageRevision(
  parts: EngineParts,
  context: RequestContext,
  name: string,
  update: UpdateFunction<PackageRevision>,
  options: WriteOptions & WriteThrough,
): Promise<WriteResult> {
  const result = await withRevision(parts, context, packageRevisions, name, async (target) => {
    const old = target.read.value;
    const wanted = await update(structuredClone(old));
    checkResourceVersion(packageRevisions, name, wanted.metadata.resourceVersion, target.read.revision);
    if (old.metadata.deletionTimestamp !== undefined && (wanted.metadata.finalizers ?? []).length === 0) {
      return finishDeletion(parts, context, target, wanted, options);
    }
    if (isPublished(old.spec.lifecycle)) return updatePublished(parts, context, target, wanted, options);
    if (wanted.spec.lifecycle === 'Published') return publish(parts, context, target, wanted, options);
    return updateDraft(parts, context, target, wanted, options);
  });
  if (!options.dryRun) await awaitMirror(parts, context, name);
  return result;
}

async function finishDeletion(
  parts: EngineParts,
  context: RequestContext,
  target: Target,
  wanted: PackageRevision,
  options: WriteOptions,
): Promise<WriteResult> {
  const { revision } = await removeRevision(parts, context, target, wanted, options.dryRun);
  // What was removed still had the finalizers; the writer is shown that they are gone.
  const last: PackageRevision = { ...target.read.value, metadata: wanted.metadata };
  const rules = parts.cache.rules.get(packageRevisions);
  return { object: serveObject(last, { resource: packageRevisions, revision, rules }), created: false };
}

function updatePublished(
  parts: EngineParts,
  context: RequestContext,
  target: Target,
  wanted: PackageRevision,
  options: WriteOptions,
): Promise<WriteResult> {
  const object = { ...target.read.value, metadata: wanted.metadata, spec: { ...target.read.value.spec } };
  if (wanted.spec.lifecycle !== undefined) object.spec.lifecycle = wanted.spec.lifecycle;
  return write(parts, context, target, object, {}, options);
}

async function updateDraft(
  parts: EngineParts,
  context: RequestContext,
  target: Target,
  wanted: PackageRevision,
  options: WriteOptions,
): Promise<WriteResult> {
  const old = target.read.value;
  const { git } = target;
  const lifecycle = wanted.spec.lifecycle ?? 'Draft';
  let object: PackageRevision = { ...old, metadata: wanted.metadata, spec: { ...old.spec, lifecycle } };
  let content: { readonly digest: string; readonly bytes: Uint8Array } | undefined;
  let state: RevisionState | undefined;
  let resources: ResourcesState | undefined;
  const rendered = await renderDraft(parts, context, target, wanted);
  if (rendered !== undefined) {
    object = withKptfile(object, rendered.kptfile);
    const prepared = rendered.content && (await parts.contents.prepare(rendered.content));
    if (prepared !== undefined && prepared.digest !== target.read.content) {
      content = prepared;
      if (rendered.render !== undefined) {
        const known = parts.cache.resourcesState(git.namespace, old.metadata.name ?? '');
        resources = { ...known, renderStatus: renderStatusOf(rendered.render) };
      }
      state = {
        ...target.state.value,
        pending: [
          ...target.state.value.pending,
          {
            content: content.digest,
            task: { type: 'render' },
            author: commitAuthor(git.object.spec.git, context.user),
            time: parts.clock().toISOString(),
          },
        ],
      };
    }
  }
  object = { ...object, status: { ...object.status, selfLock: selfLock(git, object, null) } };
  return write(parts, context, target, object, { content, state, resources }, options);
}

/** What a write changes beside the object. */
export interface Extras {
  readonly content?: { readonly digest: string; readonly bytes: Uint8Array } | undefined;
  readonly state?: RevisionState | undefined;
  /** What is known of its files from now on; written with the state. */
  readonly resources?: ResourcesState | undefined;
}

/**
 * Writes one changed revision. A push that records its outcome at the same time is taken into account by trying again with the
 * state as it then is; the object itself must still be as it was read. Nothing is written for a client that no longer waits.
 */
export async function write(
  parts: EngineParts,
  context: RequestContext,
  target: Target,
  object: PackageRevision,
  extras: Extras,
  options: { readonly dryRun: boolean },
): Promise<WriteResult> {
  const { git, read } = target;
  const { namespace, name } = read.key;
  const packageName = read.value.spec.packageName ?? '';
  const attempt = async (): Promise<WriteResult> => {
    context.signal.throwIfAborted();
    const state = extras.state === undefined ? undefined : rebase(parts, target, extras.state);
    const change: RevisionChange = {
      namespace,
      name,
      object: withGeneration(read.value, object),
      expected: read.revision,
      ...(extras.content === undefined ? {} : { content: extras.content.digest }),
      ...(state === undefined ? {} : { state: state.value, expectedState: state.revision }),
      ...(extras.resources === undefined ? {} : { resources: extras.resources }),
    };
    const subject = { namespace, name, resource: packageRevisions, dryRun: options.dryRun, created: false };
    return commitRevision(parts, subject, {
      ...(extras.content === undefined ? {} : { content: [extras.content] }),
      operations: planPackageWrites(
        parts.cache,
        { namespace, repository: git.name, packageName },
        [change],
        timeOf(parts.clock),
      ),
    });
  };
  return parts.packageMutexes.run(`write:${namespace}/${git.name}/${packageName}`, () =>
    retryingBeside(read.key, attempt),
  );
}

/**
 * Runs a write again when what stood in its way is not the object that it is about: its state, which a push has just changed, or what
 * depends on all revisions of the package, which another process has just changed. While `isHeld`, also when it is the object itself.
 */
export async function retryingBeside<T>(
  { resource, namespace, name }: ObjectKey,
  attempt: () => Promise<T>,
  isHeld: () => boolean = () => false,
): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) throw error;
      const { key } = error;
      const own = key.resource === resource && key.namespace === namespace && key.name === name;
      if (own && !isHeld()) throw error;
    }
  }
}

/** The wanted state on top of what a push may have written since the target was read: all that a write adds are commits. */
function rebase(parts: EngineParts, target: Target, wanted: RevisionState): { value: RevisionState; revision: number } {
  const { namespace, name } = target.read.key;
  const now = parts.cache.state(namespace, name);
  if (now === undefined) throw conflict(name, 'it is being deleted');
  if (now.revision === target.state.revision) return { value: wanted, revision: now.revision };
  const added = wanted.pending.slice(target.state.value.pending.length);
  return { value: { ...now.value, pending: [...now.value.pending, ...added] }, revision: now.revision };
}

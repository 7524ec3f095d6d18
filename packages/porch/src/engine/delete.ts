import {
  awaitingFinalizers,
  type DeleteOptions,
  type DeleteResult,
  encodeObject,
  type ObjectMeta,
  type Precondition,
  PreconditionFailedError,
  type RequestContext,
  type ServedObject,
  type WriteOperation,
} from '@porch/apiserver';
import { timeOf } from '../cache/clock.ts';
import { planPackageWrites } from '../cache/package-writes.ts';
import type { RevisionState } from '../cache/records.ts';
import type { ReadRevision } from '../cache/revision-cache.ts';
import { syncRequest } from '../cache/sync-requests.ts';
import type { UpstreamIndex } from '../cache/upstream-index.ts';
import { noFurtherUse } from '../cache/upstream-uses.ts';
import type { ObjectId } from '../git/types.ts';
import { isUnmirrored } from '../outbox/is-unmirrored.ts';
import { settlePush } from '../outbox/settle-push.ts';
import { lifecycleReferences } from '../outbox/wanted-references.ts';
import { discardDraftsAnnotation, packageRevisions } from '../resources/group.ts';
import { isPublished, type PackageRevision } from '../resources/package-revision.ts';
import { headOperation } from './branch-head.ts';
import { takeBranchTurn } from './branch-turn.ts';
import { commitRevision } from './commit-revision.ts';
import { conflict, refused, revisionNotFound, stale } from './errors.ts';
import { firstNames } from './first-names.ts';
import { serialMutex, writeMutex } from './mutex-names.ts';
import type { EngineParts } from './parts.ts';
import { removeFromGit, withdrawProposal } from './remove-from-git.ts';
import { retryingBeside } from './retrying.ts';
import { type Target, withRevision } from './target.ts';

/** How many of those that use an upstream are named: a blueprint may have thousands. */
const mostNames = 10;

const mustBeProposed =
  "published PackageRevisions must be proposed for deletion by setting spec.lifecycle to 'DeletionProposed' prior to deletion";

/**
 * Looks whether a package revision may go, as far as the cache shows. Gives what must hold for that to be so still when its removal is
 * written.
 * @throws StatusError 403 naming those that have it as their upstream
 */
export type CheckUnused = () => readonly Precondition[];

/**
 * Deletes a package revision: from the API, and from Git what is its own there. In a namespace that is being deleted itself it is
 * only unregistered, whoever asks.
 */
export async function deletePackageRevision(
  parts: EngineParts,
  upstreams: UpstreamIndex,
  context: RequestContext,
  name: string,
  options: DeleteOptions,
): Promise<DeleteResult> {
  const found = parts.cache.packageRevision(context.namespace, name);
  if (found === undefined) throw revisionNotFound(packageRevisions, name);
  checkPreconditions(name, found, options);
  const unregisters = parts.namespaces.isTerminating(context.namespace);
  if (!unregisters && found.value.spec.lifecycle === 'Published') throw refused(name, mustBeProposed);
  const checkUnused: CheckUnused = () => {
    if (unregisters) return [];
    const users = upstreams.downstreamsOf(context.namespace, name);
    if (users.length > 0) throw refused(name, inUse(users));
    return [noFurtherUse(parts.cache, context.namespace, name)];
  };
  checkUnused();
  return withRevision(parts, context, packageRevisions, name, async (target) => {
    const { value } = target.read;
    checkPreconditions(name, target.read, options);
    if (!unregisters && value.spec.lifecycle === 'Published') throw refused(name, mustBeProposed);
    const unused = checkUnused();
    const { resourceVersion: _, ...metadata } = value.metadata;
    const policy = options.propagationPolicy;
    const held = awaitingFinalizers(metadata, { policy, now: timeOf(parts.clock), hasGeneration: true });
    return explaining(checkUnused, async () => {
      if (held !== undefined) return markDeleted(parts, target, held, unused, options.dryRun);
      const object = await removeRevision(parts, context, target, value, options.dryRun, checkUnused);
      return { object, pending: false };
    });
  });
}

/** Names those who have begun to use what was to be deleted, where that is why nothing was written. */
async function explaining<T>(checkUnused: CheckUnused, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PreconditionFailedError) checkUnused();
    throw error;
  }
}

function inUse(users: readonly string[]): string {
  return `cannot delete package revision, it is referenced as upstream by: ${firstNames(users, mostNames)}`;
}

function checkPreconditions(name: string, { value: object, revision }: ReadRevision, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions ?? {};
  if (uid !== undefined && uid !== object.metadata.uid) {
    throw conflict(
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${object.metadata.uid ?? ''}`,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== String(revision)) throw stale(packageRevisions, name);
}

async function markDeleted(
  parts: EngineParts,
  { read }: Target,
  metadata: ObjectMeta,
  preconditions: readonly Precondition[],
  dryRun: boolean,
): Promise<DeleteResult> {
  const { namespace, name } = read.key;
  const value = encodeObject({ ...read.value, metadata } satisfies PackageRevision);
  const result = await commitRevision(
    parts,
    { namespace, name, dryRun, created: false },
    {
      preconditions,
      operations: [{ type: 'put', key: read.key, uid: metadata.uid ?? '', value, expected: read.revision }],
    },
  );
  return { object: result.object, pending: true };
}

/**
 * Takes a package revision out of the API and leaves Git as it is. That is what a deletion means in a namespace that is being
 * deleted: the wish to be rid of the namespace is no wish to lose packages.
 * @throws StatusError 409 while Git lacks something that would be lost; whoever empties the namespace comes back
 */
async function unregisterRevision(parts: EngineParts, target: Target, dryRun: boolean): Promise<ServedObject> {
  const { git, read, state } = target;
  const { namespace, name } = read.key;
  const discards = git.object.metadata.annotations?.[discardDraftsAnnotation] === 'true';
  if (!discards && isUnmirrored(parts, namespace, name, state.value)) {
    parts.queue.retry(namespace, git.name);
    throw conflict(
      name,
      `Git lacks changes of it; namespace ${namespace} goes when Git has them, or when Repository ${git.name} is annotated ` +
        `with ${discardDraftsAnnotation}=true`,
    );
  }
  return finishDelete(parts, target, { nothingLeft: true, dryRun });
}

/**
 * Removes a revision that nothing holds any more; from Git only what is a draft, a proposal, or proposed for deletion. Answers with its
 * last state. `checkUnused` is asked again whenever something is written: much may have happened meanwhile.
 */
export async function removeRevision(
  parts: EngineParts,
  context: RequestContext,
  target: Target,
  object: PackageRevision,
  dryRun: boolean,
  checkUnused: CheckUnused = () => [],
): Promise<ServedObject> {
  const { git, read } = target;
  const { namespace, name } = read.key;
  if (parts.namespaces.isTerminating(namespace)) return unregisterRevision(parts, target, dryRun);
  const { lifecycle } = read.value.spec;
  const published = isPublished(lifecycle);
  // What finalizers have held may have been published by others since, who cannot know of the deletion; or whoever takes the last one
  // away rejects the deletion with it. It is listed anew.
  const rejected = published && (lifecycle === 'Published' || object.spec.lifecycle === 'Published');
  const { vanished, pushing, refs } = target.state.value;
  const relist = syncRequest(parts.clock, namespace, git.name, 'a deletion that leaves Git as it is');
  if (vanished === true || (rejected && pushing === undefined && lifecycleReferences(refs).length === 0)) {
    return finishDelete(parts, target, { nothingLeft: true, dryRun, beside: [relist] });
  }
  const place = { namespace, repository: git.name, packageName: object.spec.packageName ?? '' };
  return parts.packageMutexes.run(serialMutex(place), () =>
    parts.queue.hold(namespace, git.name, name, async () => {
      // A draft's branch is removed by the queue, which asks the remote itself.
      const state = published ? await settlePush(parts, git, name) : parts.cache.state(namespace, name);
      if (state === undefined) throw revisionNotFound(packageRevisions, name);
      const current: Target = { ...target, state };
      if (!published || dryRun) return finishDelete(parts, current, { nothingLeft: published, dryRun, checkUnused });
      return takeBranchTurn(parts, git, context.signal, async (turn) => {
        if (rejected) {
          await withdrawProposal(parts, current, context);
          return finishDelete(parts, current, { nothingLeft: true, dryRun, beside: [relist] });
        }
        const head = await removeFromGit(parts, context, current, { object, turn, checkUnused });
        return finishDelete(parts, current, { nothingLeft: true, head, dryRun, checkUnused });
      });
    }),
  );
}

/** How a deletion ends. */
export interface Deletion {
  /** Nothing of the revision is left to be removed from Git. */
  readonly nothingLeft: boolean;
  /** The new head of the branch, where that has moved. */
  readonly head?: ObjectId | null | undefined;
  readonly dryRun: boolean;
  /** What else is written with it. */
  readonly beside?: readonly WriteOperation[];
  /** Not asked while an intent stands: that has decided it, and Git is without the revision already. */
  readonly checkUnused?: CheckUnused;
}

/** Records that a revision is gone. */
export async function finishDelete(
  parts: EngineParts,
  target: Target,
  { nothingLeft, head, dryRun, beside = [], checkUnused = () => [] }: Deletion,
): Promise<ServedObject> {
  const { git, read } = target;
  const { namespace, name } = read.key;
  const place = { namespace, repository: git.name, packageName: read.value.spec.packageName ?? '' };
  // While the intent stands nobody writes the object, but its label of the latest revision may go to another one.
  const isHeld = () =>
    parts.cache.objects.get(read.key) !== undefined && parts.cache.state(namespace, name)?.value.intent !== undefined;
  const attempt = async (): Promise<ServedObject> => {
    const state = parts.cache.state(namespace, name);
    const now = isHeld() ? parts.cache.packageRevision(namespace, name) : undefined;
    const left =
      state !== undefined &&
      !nothingLeft &&
      (state.value.pushing !== undefined || lifecycleReferences(state.value.refs).length > 0);
    // Whoever deletes a draft has decided a conflict with Git: what is there now stays there, and is listed.
    const { intent: _, conflict: __, ...rest } = state?.value ?? target.state.value;
    const after: RevisionState | null = left ? { ...rest, pending: [], deleted: true } : null;
    const result = await commitRevision(
      parts,
      { namespace, name, dryRun, created: false },
      {
        preconditions: isHeld() ? [] : checkUnused(),
        operations: [
          ...planPackageWrites(
            parts.cache,
            place,
            [
              {
                namespace,
                name,
                object: null,
                expected: now?.revision ?? read.revision,
                deletedInGit: !nothingLeft,
                ...(state === undefined ? {} : { state: after, expectedState: state.revision }),
              },
            ],
            timeOf(parts.clock),
          ),
          ...(head === undefined ? [] : [headOperation(git, head)]),
          ...beside,
        ],
      },
    );
    return result.object;
  };
  return parts.packageMutexes.run(writeMutex(place), () => retryingBeside(read.key, attempt, isHeld));
}

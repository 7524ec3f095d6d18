import type { ObjectMeta, ServedObject } from '@porch/apiserver';
import { planPackageWrites, type RevisionChange } from '../cache/package-writes.ts';
import type { PublishIntent, RevisionState } from '../cache/records.ts';
import { isPlaceholderBranch } from '../git/layout.ts';
import type { ObjectId } from '../git/types.ts';
import { packageRevisions, porchApiVersion } from '../resources/group.ts';
import { packageRevisionName, packageRevisionUid } from '../resources/names.ts';
import type { PackageRevision } from '../resources/package-revision.ts';
import { headOperation } from './branch-head.ts';
import { commitRevision } from './commit-revision.ts';
import { selfLock, withGeneration } from './derived-fields.ts';
import { conflict } from './errors.ts';
import { writeMutex } from './mutex-names.ts';
import type { EngineParts } from './parts.ts';
import { retryingBeside } from './retrying.ts';
import type { Target } from './target.ts';

/**
 * Records that a revision has been published: the revision itself, the placeholder that follows the branch, what is latest, and
 * where everything is in Git, in one write set. Also called after a crash, when the remote turns out to have the tag; `head` is then that
 * of the branch, which may have moved on. What the placeholder shows after that is for the next synchronisation to say.
 */
export async function finishPublish(
  parts: EngineParts,
  target: Target,
  metadata: ObjectMeta,
  intent: PublishIntent,
  dryRun: boolean,
  head: ObjectId = intent.commit,
): Promise<ServedObject> {
  const { git, read, state } = target;
  const { namespace, name } = read.key;
  const { packageName = '' } = read.value.spec;
  const place = { namespace, repository: git.name, packageName };
  const commit = dryRun ? null : intent.commit;
  const published = publishedRevision(target, metadata, intent, commit);
  const after: RevisionState = {
    repository: state.value.repository,
    path: state.value.path,
    refs: { [intent.decisive]: intent.commit },
    tip: intent.commit,
    base: null,
    pending: [],
    // A push of the draft that is still to come would make its branch again.
    ...(state.value.unanswered === undefined ? {} : { unanswered: state.value.unanswered }),
  };
  const attempt = async (): Promise<ServedObject> => {
    const now = parts.cache.state(namespace, name);
    if (!dryRun && now?.value.intent?.commit !== intent.commit) {
      throw conflict(name, 'what became of its publication has been recorded by another server; read it again');
    }
    // Another process may have published the package since, and recorded that first.
    const newest = parts.cache
      .revisionsOfPackage(namespace, git.name, packageName)
      .every(({ revision }) => revision < intent.revision);
    const changes: RevisionChange[] = [
      {
        namespace,
        name,
        object: published,
        expected: read.revision,
        state: after,
        ...(now === undefined ? {} : { expectedState: now.revision }),
      },
    ];
    // A draft that others have named after the branch takes the placeholder's name; so it is when both are found in Git.
    const isNamedAfterBranch = published.spec.workspaceName === git.branch;
    if (newest && head === intent.commit && isPlaceholderBranch(git.branch) && !isNamedAfterBranch) {
      changes.push(placeholder(parts, target, published, intent, commit));
    }
    const result = await commitRevision(
      parts,
      { namespace, name, dryRun, created: false },
      {
        operations: [
          ...planPackageWrites(parts.cache, place, changes, intent.time),
          ...(newest ? [headOperation(git, head)] : []),
        ],
      },
    );
    return result.object;
  };
  return parts.packageMutexes.run(writeMutex(place), () => retryingBeside(read.key, attempt));
}

/** `commit`: null where none was made. */
function publishedRevision(
  target: Target,
  metadata: ObjectMeta,
  intent: PublishIntent,
  commit: ObjectId | null,
): PackageRevision {
  const { resourceVersion: _, ...kept } = metadata;
  const old = target.read.value;
  const object: PackageRevision = {
    ...old,
    metadata: { ...kept, generation: (old.metadata.generation ?? 1) + 1 },
    spec: { ...old.spec, lifecycle: 'Published', revision: intent.revision },
    status: { ...old.status, publishedBy: intent.publishedBy, publishTimestamp: intent.time },
  };
  return { ...object, status: { ...object.status, selfLock: selfLock(target.git, object, commit) } };
}

function placeholder(
  parts: EngineParts,
  target: Target,
  published: PackageRevision,
  intent: PublishIntent,
  commit: ObjectId | null,
): RevisionChange {
  const { git, read, state } = target;
  const { namespace } = read.key;
  const packageName = published.spec.packageName ?? '';
  const name = packageRevisionName({ repository: git.name, packageName, workspaceName: git.branch });
  const old = parts.cache.packageRevision(namespace, name);
  const oldState = parts.cache.state(namespace, name);
  const { tasks: _, parent: __, ...spec } = published.spec;
  const object: PackageRevision = {
    apiVersion: porchApiVersion,
    kind: 'PackageRevision',
    metadata: old?.value.metadata ?? {
      name,
      namespace,
      uid: packageRevisionUid(namespace, name, parts.cache.incarnation(packageRevisions, namespace, name)),
      creationTimestamp: intent.time,
      generation: 1,
    },
    spec: { ...spec, workspaceName: git.branch, revision: -1, lifecycle: old?.value.spec.lifecycle ?? 'Published' },
    status: { ...published.status },
  };
  const located = { ...object, status: { ...object.status, selfLock: selfLock(git, object, commit) } };
  return {
    namespace,
    name,
    object: old === undefined ? located : withGeneration(old.value, located),
    expected: old?.revision ?? 0,
    content: read.content,
    state: {
      repository: git.name,
      path: state.value.path,
      refs: oldState?.value.refs ?? {},
      tip: intent.commit,
      base: null,
      pending: [],
      // It had vanished, and finalizers hold it: when they are gone, what is published here must stay in Git.
      ...(oldState?.value.vanished === true ? { vanished: true } : {}),
    },
    expectedState: oldState?.revision ?? 0,
    resources: null,
  };
}

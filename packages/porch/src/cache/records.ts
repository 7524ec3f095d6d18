/**
 * What the server keeps in the store beside the objects it serves. These records have keys of resources that no client can
 * name, change in the same write sets as the objects they belong to, and never change an object's resourceVersion.
 */
import type { ManagedFieldsEntry, ObjectKey, StoredObject, WriteOperation } from '@porch/apiserver';
import type { ObjectId, ReferenceUpdate } from '../git/types.ts';
import type { Task } from '../resources/package-revision.ts';
import type { RenderStatus } from '../resources/package-revision-resources.ts';

export const revisionStates = 'revisionstates.internal.porch.kpt.dev';
/** What is known of the files of a package revision beside them. Same namespace and name as the package revision. */
export const resourcesStates = 'resourcesstates.internal.porch.kpt.dev';
export const repositoryStates = 'repositorystates.internal.porch.kpt.dev';
export const pendingContents = 'pendingcontents.internal.porch.kpt.dev';
export const syncRequests = 'syncrequests.internal.porch.kpt.dev';
export const tombstones = 'tombstones.internal.porch.kpt.dev';
/** The packages of a repository below one top-level directory: changes with every new one. */
export const packageFamilies = 'packagefamilies.internal.porch.kpt.dev';
/** Changes with each package revision that begins to name another one as its upstream. Same namespace and name as the upstream. */
export const upstreamUses = 'upstreamuses.internal.porch.kpt.dev';
/** Processes that share the store: there while the others count on them. */
export const members = 'members.internal.porch.kpt.dev';
/** Signs of life, one a member. */
export const beats = 'beats.internal.porch.kpt.dev';
/** Who looks after what. */
export const leases = 'leases.internal.porch.kpt.dev';
/** Who is writing a package revision. Same namespace and name as the package revision. */
export const revisionLocks = 'revisionlocks.internal.porch.kpt.dev';
/** A record that is there while another store is being moved into this one. */
export const unfinishedMoves = 'unfinishedmoves.internal.porch.kpt.dev';
/** A record of where the Repositories are whose package revisions the store has. */
export const repositoriesPlaces = 'repositoriesplaces.internal.porch.kpt.dev';
/** The certificate authority of servers that share a database; encrypted there. */
export const authorities = 'authorities.internal.porch.kpt.dev';

/** A commit that a draft has gained and Git does not have yet. */
export interface PendingCommit {
  /** Digest of the whole content after the change. */
  readonly content: string;
  /** What the commit is recorded as; decides its subject and annotation. */
  readonly task: Task;
  readonly author: { readonly name: string; readonly email: string };
  /** RFC 3339. */
  readonly time: string;
}

/**
 * A push whose outcome decides the fate of a revision. Stored before the push begins and removed with the write set that
 * records its outcome, so that whoever finds one after a crash can ask the remote what happened.
 */
export type Intent = PublishIntent | DeleteIntent;

interface PushIntent {
  readonly updates: readonly ReferenceUpdate[];
  /** The reference that is at `commit` (null: gone, as all of them are) exactly when the push succeeded. */
  readonly decisive: string;
}

/** A publication; `decisive` is its tag. */
export interface PublishIntent extends PushIntent {
  readonly type: 'publish';
  readonly commit: ObjectId;
  readonly revision: number;
  readonly publishedBy: string;
  readonly time: string;
}

/** The removal of a tag, or of a package from the branch. */
export interface DeleteIntent extends PushIntent {
  readonly type: 'delete';
  readonly commit: ObjectId | null;
}

/** A publication that may still be carried out. */
export interface LatePublication {
  readonly commit: ObjectId;
  /** Digest of the content that it publishes. */
  readonly content: string;
}

/** Where a package revision stands in Git. Same namespace and name as the package revision. */
export interface RevisionState {
  readonly repository: string;
  /** Directory of the package in the Git repository. */
  readonly path: string;
  /** References of this revision on the remote, as last known. */
  readonly refs: Readonly<Record<string, ObjectId>>;
  /** Its last commit: the head of a draft, what the tag names, or the branch head a placeholder was read from. */
  readonly tip: ObjectId | null;
  /** Head of the branch when the draft was made; null in an empty repository. */
  readonly base: ObjectId | null;
  readonly pending: readonly PendingCommit[];
  /**
   * What the push of its branches that was begun last makes of them, by reference (null: removed), until its outcome is recorded. While
   * this is here and no push is under way, `refs` may be out of date.
   */
  readonly pushing?: Readonly<Record<string, ObjectId | null>>;
  /**
   * Commits of pushes whose answer nobody has seen and that were found not done, newest first. They may still come: git outlives a server
   * that is killed, and a Git server the connection. Whatever has them is ours.
   */
  readonly unanswered?: readonly ObjectId[];
  /**
   * Publications whose push was found not done although nobody has seen its answer, newest first: the remote may carry them out yet. With
   * what the content was.
   */
  readonly latePublications?: readonly LatePublication[];
  readonly intent?: Intent;
  /**
   * What it showed had vanished from Git, and only finalizers hold the object: nobody has asked for a deletion, so none is made in Git when
   * they are gone, whatever is there by then.
   */
  readonly vanished?: true;
  /** The package revision is gone; the references are still to be removed. */
  readonly deleted?: true;
  /** Both sides have changed the draft: the commit that Git has. Ours stays until someone decides. */
  readonly conflict?: ObjectId;
}

/** Whether two states have the same references, at the same commits. */
export function sameReferences(a: RevisionState['refs'], b: RevisionState['refs']): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/**
 * What is known of the files of a package revision beside them. Kept apart from its state: this is large where a package has many objects,
 * and that changes with every push. Goes when the state goes.
 */
export interface ResourcesState {
  /** How the last render went. */
  readonly renderStatus?: RenderStatus;
  /** Who owns which fields of the PackageRevisionResources. */
  readonly resourcesManagedFields?: readonly ManagedFieldsEntry[];
}

/** A state as earlier versions wrote it, or without what they added. */
export type EarlierRevisionState = RevisionState & ResourcesState;

/** What the last synchronisation of a Repository found. Same namespace and name as the Repository. */
export interface RepositoryState {
  readonly url: string;
  readonly branch: string;
  /** Head of the branch; null while the remote has none. */
  readonly head: ObjectId | null;
  /** Digest of all references at the last synchronisation. */
  readonly references: string;
  /** Revision of the store up to which this takes account of states of package revisions; absent in records of earlier versions. */
  readonly seen?: number;
  /** Whether the package revisions say that they are deployed; absent in records of earlier versions. */
  readonly deployment?: boolean;
}

/** Somebody has asked for a synchronisation of a Repository, whichever process carries it out. Same namespace and name. */
export interface SyncRequest {
  /** Tells it from the one before, which may be of the same moment. */
  readonly id: string;
  /** RFC 3339. */
  readonly at: string;
  /** Who asked, for the log. */
  readonly by: string;
}

/** How often an object of a name has been deleted; keeps UIDs of successors apart. */
export interface Tombstone {
  readonly incarnation: number;
  /** When the last one was deleted, RFC 3339; absent in records of earlier versions until a cleanup has found them. */
  readonly at?: string;
  /**
   * How often a state that it left behind for the sake of its branches in Git has gone: a change each time, so that it has a revision of
   * the store.
   */
  readonly forgotten?: number;
  /** What the state of a draft last had whose deletion was asked for: a branch that comes back with one of them goes again. */
  readonly unanswered?: readonly ObjectId[];
}

/** A package revision is somebody's upstream, or was: goes when it goes. */
export interface UpstreamUse {
  /** Another one each time: a record that is the same as before would not be written, and have no new revision. */
  readonly use: string;
}

/** A process that shares the store, never changed. Its name is an id that is used once. */
export interface MemberRecord {
  /** Host name and process id, for people. */
  readonly host: string;
  readonly pid: number;
  /** RFC 3339. */
  readonly joined: string;
  /** Whether it looks after repositories and the like, or only serves. */
  readonly controllers: boolean;
  /** Time of its lease in milliseconds. A process that did not write it has the reader's own. */
  readonly leaseMs?: number;
  /**
   * Identity of the cluster that has its Repositories. Absent where they are in the store, where the cluster says none, and of a process
   * of an earlier version.
   */
  readonly cluster?: string;
}

/** A lease or a lock: worth something while its holder is a member. */
export interface HeldRecord {
  /** Name of a member. */
  readonly holder: string;
  /** Another one each time: a record that is the same as before would not be written, and have no new revision. */
  readonly use: string;
}

/** Writes a record. `expected` as in the store's put. */
export function putRecord(
  key: ObjectKey,
  record: unknown,
  expected?: number,
): Extract<WriteOperation, { readonly type: 'put' }> {
  const value = JSON.stringify({
    apiVersion: 'internal.porch.kpt.dev/v1',
    kind: 'Record',
    metadata: { name: key.name, namespace: key.namespace },
    record,
  });
  return {
    type: 'put',
    key,
    uid: `${key.resource}/${key.namespace}/${key.name}`,
    value,
    ...(expected === undefined ? {} : { expected }),
  };
}

/** Reads a record back. */
export function recordOf<T>(stored: Pick<StoredObject, 'value'>): T {
  return (JSON.parse(stored.value) as { record: T }).record;
}

/** Whether two keys are those of one object. */
export function isSameKey(one: ObjectKey, other: ObjectKey): boolean {
  return one.resource === other.resource && one.namespace === other.namespace && one.name === other.name;
}

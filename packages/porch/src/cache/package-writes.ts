import { decodedObject, encodeObject, type ObjectKey, type WriteOperation } from '@porch/apiserver';
import { latestRevisionLabel, packages, porchApiVersion } from '../resources/group.ts';
import { packageObjectName, packageUid } from '../resources/names.ts';
import { isPublished, type PackageRevision } from '../resources/package-revision.ts';
import type { PorchPackage } from '../resources/porch-package.ts';
import { holdPendingContent } from './pending-content.ts';
import { putRecord, type ResourcesState, type RevisionState, type Tombstone } from './records.ts';
import { besideState, forgetResources, withoutResources } from './resources-state.ts';
import {
  type Read,
  type RevisionCache,
  type RevisionSummary,
  revisionKey,
  stateKey,
  tombstoneKey,
} from './revision-cache.ts';
import { isStateAtRest } from './state-at-rest.ts';
import { forgetUses } from './upstream-uses.ts';

/** One revision as a write set is to leave it. */
export interface RevisionChange {
  readonly namespace: string;
  readonly name: string;
  /** The new object, uid and all; null removes it; undefined leaves the object and writes only its state. */
  readonly object?: PackageRevision | null;
  /** Revision of the object that the change is based on; 0 when it is new. */
  readonly expected: number;
  /** Absent: stays as it is. */
  readonly content?: string | null;
  /** Absent: stays as it is; null removes it. */
  readonly state?: RevisionState | null;
  readonly expectedState?: number;
  /** What is known of its files, written with the state. Absent: stays as it is; null removes it. */
  readonly resources?: ResourcesState | null;
  /**
   * The object is removed because somebody has asked for its deletion in Git: pushes of its branch that nobody has seen an answer to must
   * not bring it back. What goes from the API only keeps its branches, also those that come late.
   */
  readonly deletedInGit?: boolean;
}

/** The package that changes belong to. */
export interface PackageName {
  readonly namespace: string;
  readonly repository: string;
  readonly packageName: string;
}

/**
 * The operations that carry out changes to revisions of one package and keep in step what depends on all of them: the label
 * of the latest revision, and the package object. The package object is written with its revision as precondition, so that of
 * two write sets that decide what is latest at the same time only one is applied.
 */
export function planPackageWrites(
  cache: RevisionCache,
  name: PackageName,
  changes: readonly RevisionChange[],
  now: string,
): WriteOperation[] {
  const after = new Map<string, Candidate>();
  for (const summary of cache.revisionsOfPackage(name.namespace, name.repository, name.packageName)) {
    after.set(summary.name, summary);
  }
  for (const change of changes) {
    if (change.object === null) after.delete(change.name);
    else if (change.object !== undefined) {
      after.set(change.name, {
        name: change.name,
        revision: change.object.spec.revision ?? 0,
        lifecycle: change.object.spec.lifecycle ?? '',
        latest: false,
      });
    }
  }
  const latest = latestOf(after.values());
  const operations: WriteOperation[] = [];
  const written = new Set<string>();
  for (const change of changes) {
    operations.push(...changeOperations(cache, change, latest?.name, now));
    if (change.object !== undefined) written.add(change.name);
  }
  for (const other of after.values()) {
    const should = other.name === latest?.name;
    if (written.has(other.name) || other.latest === should) continue;
    operations.push({
      type: 'merge',
      key: revisionKey(name.namespace, other.name),
      patch: { metadata: { labels: { [latestRevisionLabel]: should ? 'true' : null } } },
    });
  }
  operations.push(...packageOperations(cache, name, after.size > 0, latest?.revision ?? 0, now));
  return operations;
}

type Candidate = Pick<RevisionSummary, 'name' | 'revision' | 'lifecycle' | 'latest'>;

function latestOf(revisions: Iterable<Candidate>): Candidate | undefined {
  let latest: Candidate | undefined;
  for (const revision of revisions) {
    if (revision.revision > (latest?.revision ?? 0) && isPublished(revision.lifecycle)) latest = revision;
  }
  return latest;
}

function changeOperations(
  cache: RevisionCache,
  change: RevisionChange,
  latest: string | undefined,
  now: string,
): WriteOperation[] {
  const key = revisionKey(change.namespace, change.name);
  const operations: WriteOperation[] = [];
  if (change.object === null) {
    operations.push({ type: 'delete', key, expected: change.expected }, forgetUses(change.namespace, change.name));
    const state = change.deletedInGit === true ? cache.state(change.namespace, change.name)?.value : undefined;
    operations.push(buryOperation(cache, key, now, state));
  } else if (change.object !== undefined) {
    const object = withLatestLabel(change.object, change.name === latest);
    const numberedBefore = change.expected === 0 ? undefined : cache.objects.get(key)?.fields['spec.revision'];
    // The resources of a package revision show its number.
    const renewsContent = numberedBefore !== undefined && numberedBefore !== String(object.spec.revision ?? 0);
    operations.push({
      type: 'put',
      key,
      uid: object.metadata.uid ?? '',
      value: encodeObject(object),
      [decodedObject]: object,
      expected: change.expected,
      ...(change.content === undefined ? {} : { content: change.content }),
      ...(renewsContent ? { renewsContent } : {}),
    });
  }
  if (change.state !== undefined) {
    operations.push(...besideState(cache, change.namespace, change.name, change.state, change.resources));
    const state = stateKey(change.namespace, change.name);
    const expected = change.expectedState === undefined ? {} : { expected: change.expectedState };
    if (change.state === null) operations.push({ type: 'delete', key: state, ...expected });
    else {
      // What is only just added may say by itself how it stands in Git, as do the thousands that a synchronisation finds.
      const added = change.expected === 0 && change.expectedState === 0 ? change.object : undefined;
      const isSaid = added && isStateAtRest(change.state, added);
      operations.push(
        isSaid
          ? { type: 'delete', key: state, expected: 0 }
          : putRecord(state, withoutResources(change.state), change.expectedState),
      );
      const content = change.content === undefined ? (cache.objects.get(key)?.content ?? null) : change.content;
      operations.push(...holdPendingContent(cache, change.namespace, change.name, change.state, content));
    }
  }
  return operations;
}

function withLatestLabel(object: PackageRevision, latest: boolean): PackageRevision {
  if (!latest && object.metadata.labels?.[latestRevisionLabel] === undefined) return object;
  const { [latestRevisionLabel]: _, ...others } = object.metadata.labels ?? {};
  const labels = latest ? { ...others, [latestRevisionLabel]: 'true' } : others;
  const { labels: __, ...metadata } = object.metadata;
  return { ...object, metadata: Object.keys(labels).length === 0 ? metadata : { ...metadata, labels } };
}

function buryOperation(cache: RevisionCache, key: ObjectKey, now: string, state?: RevisionState): WriteOperation {
  const incarnation = cache.incarnation(key.resource, key.namespace, key.name) + 1;
  return putTombstone(key, { incarnation, at: now, ...unansweredOf(state) });
}

function unansweredOf(state: RevisionState | undefined): Pick<Tombstone, 'unanswered'> {
  return state?.unanswered === undefined ? {} : { unanswered: state.unanswered };
}

function putTombstone(key: ObjectKey, tombstone: Tombstone): WriteOperation {
  return putRecord(tombstoneKey(key.resource, key.namespace, key.name), tombstone);
}

/**
 * Removes the state that a deleted revision has left because it had branches in Git. It counts as buried from now on only: whoever read
 * the references before has seen a branch that is no more, and nothing else would tell.
 */
export function forgetDeleted(cache: RevisionCache, state: Read<RevisionState>): WriteOperation[] {
  const { namespace, name } = state.key;
  const key = revisionKey(namespace, name);
  const { unanswered: _, ...before } = cache.tombstone(key.resource, namespace, name) ?? { incarnation: 0 };
  const forgotten = (before.forgotten ?? 0) + 1;
  return [
    { type: 'delete', key: state.key, expected: state.revision },
    ...forgetResources(cache, namespace, name),
    putTombstone(key, { ...before, forgotten, ...unansweredOf(state.value) }),
  ];
}

function packageOperations(
  cache: RevisionCache,
  name: PackageName,
  exists: boolean,
  latestRevision: number,
  now: string,
): WriteOperation[] {
  const objectName = packageObjectName(name.repository, name.packageName);
  const key: ObjectKey = { resource: packages, namespace: name.namespace, name: objectName };
  const current = cache.packageObject(name.namespace, name.repository, name.packageName);
  if (!exists) {
    return current === undefined
      ? []
      : [{ type: 'delete', key, expected: current.revision }, buryOperation(cache, key, now)];
  }
  const uid =
    current?.value.metadata.uid ??
    packageUid(name.namespace, objectName, cache.incarnation(packages, name.namespace, objectName));
  const object: PorchPackage = {
    apiVersion: porchApiVersion,
    kind: 'PorchPackage',
    metadata: {
      name: objectName,
      namespace: name.namespace,
      uid,
      creationTimestamp: current?.value.metadata.creationTimestamp ?? now,
    },
    spec: { packageName: name.packageName, repository: name.repository },
    status: { latestRevision },
  };
  const expected = current?.revision ?? 0;
  return [{ type: 'put', key, uid, value: encodeObject(object), [decodedObject]: object, expected }];
}

import type { Precondition, RequestContext, WriteOperation } from '@porch/apiserver';
import type { Read } from '../cache/revision-cache.ts';
import { useOperation } from '../cache/upstream-uses.ts';
import { packageRevisions } from '../resources/group.ts';
import type { PackageRevision, Task } from '../resources/package-revision.ts';
import { busy, invalidField } from './errors.ts';
import type { EngineParts } from './parts.ts';
import { namedRevision } from './source-revision.ts';

function upstreamOf({ clone, upgrade }: Task): { readonly name: string; readonly field: string } | undefined {
  const cloned = clone?.upstreamRef?.upstreamRef?.name;
  if (cloned !== undefined) return { name: cloned, field: 'spec.tasks[0].clone.upstreamRef.upstreamRef.name' };
  const upgraded = upgrade?.newUpstreamRef?.name;
  return upgraded === undefined ? undefined : { name: upgraded, field: 'spec.tasks[0].upgrade.newUpstreamRef.name' };
}

/** What a write set has in it for the upstream that its package revision names. */
export interface UpstreamUsed {
  readonly preconditions: readonly Precondition[];
  readonly operations: readonly WriteOperation[];
}

/**
 * What belongs to the write set of a package revision that names another one as its upstream: who is named cannot be deleted, and so
 * nobody may begin to name what is being deleted. Whoever deletes it meanwhile either finds that it is named, or is found by the
 * preconditions. Nothing for other tasks.
 * @throws StatusError 400 naming the field where the upstream is gone or waits for its finalizers, 409 while it is removed from Git
 */
export function upstreamUsed(
  parts: EngineParts,
  context: RequestContext,
  object: PackageRevision,
  task: Task,
): UpstreamUsed {
  const upstream = upstreamOf(task);
  if (upstream === undefined) return { preconditions: [], operations: [] };
  const { name, field } = upstream;
  const read = namedRevision(parts, context, object, name, field);
  if (read.value.metadata.deletionTimestamp !== undefined) {
    throw invalidField(object.metadata.name ?? '', field, name, 'it is being deleted');
  }
  const { namespace } = read.key;
  const state = parts.cache.state(namespace, name);
  if (state?.value.intent?.type === 'delete') throw busy(packageRevisions, namespace, name);
  return {
    preconditions: [{ key: read.key, revision: read.revision }, ...(state === undefined ? [] : unchanged(state))],
    operations: [useOperation(namespace, name)],
  };
}

function unchanged({ key, revision, preconditions = [] }: Read<unknown>): Precondition[] {
  return [{ key, revision }, ...preconditions];
}

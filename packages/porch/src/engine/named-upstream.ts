import type { Precondition, RequestContext } from '@porch/apiserver';
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

/**
 * What must hold when a package revision is stored that names another one as its upstream: who is named cannot be deleted, and so
 * nobody may begin to name what is being deleted. Nothing for other tasks.
 * @throws StatusError 400 naming the field where the upstream is gone or waits for its finalizers, 409 while it is removed from Git
 */
export function upstreamPreconditions(
  parts: EngineParts,
  context: RequestContext,
  object: PackageRevision,
  task: Task,
): Precondition[] {
  const upstream = upstreamOf(task);
  if (upstream === undefined) return [];
  const { name, field } = upstream;
  const read = namedRevision(parts, context, object, name, field);
  if (read.value.metadata.deletionTimestamp !== undefined) {
    throw invalidField(object.metadata.name ?? '', field, name, 'it is being deleted');
  }
  const { namespace } = read.key;
  if (parts.cache.state(namespace, name)?.value.intent?.type === 'delete') {
    throw busy(packageRevisions, namespace, name);
  }
  return [{ key: read.key, revision: read.revision }];
}

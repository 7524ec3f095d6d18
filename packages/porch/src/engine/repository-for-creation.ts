import { type RequestContext, StatusError, statusErrors, until } from '@porch/apiserver';
import type { GitRepository } from '../cache/git-repositories.ts';
import { configGroup } from '../resources/group.ts';
import { repositoryConflict } from '../resources/registration-overlap.ts';
import type { EngineParts } from './parts.ts';

/** How long a creation waits for its repository to be read for the first time, in milliseconds. */
const longestWaitMs = 10_000;
/** How long after its registration a repository is waited for, in milliseconds: requests for one that hangs must not pile up. */
const newForMs = 30_000;

/** Said where no controller has begun with a repository: others may come first, or there is none. */
const notBegun =
  ' (its turn has not come; servers with --controllers=false leave that to porch controllers, which must run)';

/**
 * The repository that a package revision is to be made in. One that has just been registered is waited for, so that both may be applied
 * together.
 * @throws StatusError 404 when it is not registered, 409 with the reason when it cannot be used yet
 */
export async function repositoryForCreation(
  parts: EngineParts,
  context: RequestContext,
  name: string,
): Promise<GitRepository> {
  const { namespace } = context;
  const isRead = (): boolean => !isBeingRead(parts, namespace, name);
  const registered = (listener: () => void) => parts.registrations.watch(listener);
  await until(isRead, registered, { signal: context.signal, mostMs: longestWaitMs });
  const object = parts.registrations.get(namespace, name);
  if (object === undefined || object.metadata.deletionTimestamp !== undefined) {
    const error = statusErrors.notFound({ group: configGroup, resource: 'repositories' }, name);
    if (object !== undefined) error.status.message = `${error.message}: it is being deleted`;
    throw error;
  }
  const ready = object.status?.conditions?.find((condition) => condition.type === 'Ready');
  const isHeld = ready?.reason === repositoryConflict;
  if (isHeld || !parts.cache.isRepositoryRead(namespace, name)) {
    const why = ready === undefined ? notBegun : ` (${ready.reason}: ${ready.message})`;
    const what = isHeld ? 'is not synchronised' : 'has not been synchronised yet';
    throw new StatusError(
      409,
      'Conflict',
      `repository "${name}" ${what}${why}; wait until its condition Ready is True`,
    );
  }
  return parts.repositories.open(namespace, name);
}

/** Whether nothing is known yet of a repository that has just been registered, nor why. */
function isBeingRead(parts: EngineParts, namespace: string, name: string): boolean {
  const object = parts.registrations.get(namespace, name);
  if (object === undefined || object.metadata.deletionTimestamp !== undefined) return false;
  if (parts.cache.isRepositoryRead(namespace, name)) return false;
  const registered = Date.parse(object.metadata.creationTimestamp ?? '');
  const ready = object.status?.conditions?.find(({ type }) => type === 'Ready');
  const isUnknown = ready === undefined || ready.reason === 'Reconciling';
  return isUnknown && parts.clock().getTime() - registered < newForMs;
}

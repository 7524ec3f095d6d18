import { type FieldError, fieldError } from '@porch/apiserver';
import { repositoryFinalizer } from '../../resources/group.ts';
import { overlapDetails, overlapOf, registeredBranch } from '../../resources/registration-overlap.ts';
import type { Repository } from '../../resources/repository.ts';

/** Refuses a registration whose packages another one has too. */
export function conflictErrors(object: Repository, registered: readonly Repository[]): FieldError[] {
  const branch = registeredBranch(object);
  if (branch === undefined) return [];
  for (const other of registered) {
    const { namespace = '', name = '' } = other.metadata;
    const itself = namespace === object.metadata.namespace && name === object.metadata.name;
    if (itself || registeredBranch(other) !== branch) continue;
    const overlap = overlapOf(object, other);
    if (overlap === undefined) continue;
    return [
      fieldError.forbidden(
        'spec.git',
        `Repository conflict with existing repository: ${namespace}/${name}: ${overlapDetails[overlap]}`,
      ),
    ];
  }
  return [];
}

/** Whether a repository is being unregistered, with nothing to wait for but the controller. */
function isLeaving({ metadata, status }: Repository): boolean {
  if (metadata.deletionTimestamp === undefined) return false;
  if (status?.conditions?.some(({ type }) => type === 'Unregistered') === true) return false;
  return (metadata.finalizers ?? []).every((finalizer) => finalizer === repositoryFinalizer);
}

/**
 * Whether nothing that is about to go is in the way of a registration: who deletes a repository may register it anew at once, under another
 * name too.
 */
export function isFree(object: Repository, registered: readonly Repository[]): boolean {
  const isSame = ({ metadata: { namespace, name } }: Repository): boolean =>
    namespace === object.metadata.namespace && name === object.metadata.name;
  return !registered.some((other) => isLeaving(other) && (isSame(other) || conflictErrors(object, [other]).length > 0));
}

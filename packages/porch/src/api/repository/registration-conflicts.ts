import { type FieldError, fieldError } from '@porch/apiserver';
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

import type { RegistrationEvent } from '../cache/registrations.ts';
import { type Overlap, overlapDetails, overlapOf, registeredBranch } from '../resources/registration-overlap.ts';
import type { Repository } from '../resources/repository.ts';

/** Another registration has the same packages, and came first. */
export class RepositoryConflictError extends Error {
  constructor(first: Repository, overlap: Overlap) {
    const { namespace, name } = first.metadata;
    super(
      `Repository conflict with ${namespace}/${name}, which was registered first: ${overlapDetails[overlap]}. This one is not ` +
        'synchronised while both are registered: delete one of the two, and register this one again if it was to be something else.',
    );
    this.name = 'RepositoryConflictError';
  }
}

function keyOf({ metadata }: Repository): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/** The earlier comes first; the uid decides between those of one second, for all who look. */
function byAge(one: Repository, other: Repository): number {
  const age = (object: Repository) => `${object.metadata.creationTimestamp ?? ''} ${object.metadata.uid ?? ''}`;
  return age(one) < age(other) ? -1 : 1;
}

/** All that conflict with a registration, and with those, and so on; the registration itself is among them. */
function entangled(object: Repository, registered: Iterable<Repository>): readonly Repository[] {
  const found = [object];
  const left = new Set(registered);
  for (const one of found) {
    for (const other of left) {
      if (keyOf(other) === keyOf(object)) left.delete(other);
      else if (overlapOf(one, other) !== undefined) {
        left.delete(other);
        found.push(other);
      }
    }
  }
  return found;
}

function conflictWith(object: Repository, others: readonly Repository[]): RepositoryConflictError | undefined {
  for (const other of others) {
    const overlap = overlapOf(object, other);
    if (overlap !== undefined) return new RepositoryConflictError(other, overlap);
  }
  return undefined;
}

/**
 * Which of several registrations that conflict holds. Admission refuses the later one, but two that are checked by different servers
 * within the same moment both pass it. Whoever follows the registrations comes to the same order.
 */
export class RegistrationOrder {
  /** By branch of a remote, then by namespace and name. */
  readonly #branches = new Map<string, Map<string, Repository>>();

  /** Takes in what has happened. Returns the others, NAMESPACE/NAME, for which something may be different now. */
  observe({ type, object }: RegistrationEvent): readonly string[] {
    const branch = registeredBranch(object);
    if (branch === undefined) return [];
    const key = keyOf(object);
    const registered = this.#branches.get(branch) ?? new Map<string, Repository>();
    const known = registered.get(key);
    if (type === 'REMOVED') registered.delete(key);
    else registered.set(key, object);
    if (registered.size === 0) this.#branches.delete(branch);
    else this.#branches.set(branch, registered);
    if (type === 'CHANGED' && known?.metadata.uid === object.metadata.uid) return [];
    return entangled(object, registered.values()).slice(1).map(keyOf);
  }

  /** Why a registration has to wait; undefined where it need not. */
  conflictOf(object: Repository): RepositoryConflictError | undefined {
    const branch = registeredBranch(object);
    const registered = branch === undefined ? undefined : this.#branches.get(branch);
    const holding: Repository[] = [];
    for (const one of [...entangled(object, registered?.values() ?? [])].sort(byAge)) {
      const conflict = conflictWith(one, holding);
      if (one === object) return conflict;
      if (conflict === undefined) holding.push(one);
    }
    return undefined;
  }
}

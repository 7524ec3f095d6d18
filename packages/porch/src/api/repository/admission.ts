import { type FieldError, fieldErrorMessage, type UserInfo } from '@porch/apiserver';
import { repositoryConflict } from '../../resources/registration-overlap.ts';
import type { RemoteUrlOptions } from '../../resources/remote-url.ts';
import type { Repository } from '../../resources/repository.ts';
import { withRepositoryDefaults } from '../../resources/repository-defaults.ts';
import { immutableFieldErrors } from './immutable-fields.ts';
import { conflictErrors } from './registration-conflicts.ts';
import { newSecret } from './secret-reference.ts';
import { repositoryNameErrors, specErrors } from './spec-rules.ts';
import { warningsOf } from './strategy.ts';

/** What a cluster asks before it stores a Repository (the request of an AdmissionReview, `admission.k8s.io/v1`). */
export interface RepositoryAdmissionRequest {
  readonly operation: string;
  readonly dryRun: boolean;
  readonly user: UserInfo;
  readonly object: Repository;
  readonly oldObject?: Repository;
}

/** The answer: what is wrong, or nothing. */
export interface RepositoryAdmission {
  readonly refusal?: { readonly code: number; readonly reason: string; readonly message: string };
  readonly warnings: readonly string[];
}

/** What admission needs to know. */
export interface RepositoryAdmissionOptions extends RemoteUrlOptions {
  /** The repositories of all namespaces. */
  registered(): readonly Repository[];
  mayGetSecret(user: UserInfo, namespace: string, name: string): Promise<boolean>;
  /** Milliseconds, of a clock that never goes back. */
  readonly now: () => number;
}

/** How long it takes at most until a registration that was let pass is seen among the registered ones, in milliseconds. */
const passedMs = 5_000;

/**
 * The rules of Repositories for a cluster that keeps them: those of the schema in so far as they take more than CEL, conflicts with
 * other registrations, and the right to the Secret that is named. Two registrations that conflict cannot pass side by side
 * here; another server does not know what this one has just let pass, and then the controller lets the later one wait.
 */
export function repositoryAdmission(
  options: RepositoryAdmissionOptions,
): (request: RepositoryAdmissionRequest) => Promise<RepositoryAdmission> {
  const passed: { readonly object: Repository; readonly until: number }[] = [];
  const recent = (): Repository[] => {
    const now = options.now();
    while (passed[0] !== undefined && passed[0].until <= now) passed.shift();
    return passed.map(({ object }) => object);
  };

  return async ({ operation, dryRun, user, object: given, oldObject }) => {
    const object = withRepositoryDefaults({ ...given });
    const old = oldObject === undefined ? undefined : withRepositoryDefaults({ ...oldObject });
    const { namespace = '', name = '' } = object.metadata;
    const warnings = old === undefined ? warningsOf(object) : [];
    const refuse = (code: number, reason: string, message: string) => ({
      refusal: { code, reason, message },
      warnings,
    });
    if (object.metadata.deletionTimestamp !== undefined) return { warnings: [] };
    const errors = operation === 'CREATE' || old === undefined ? createErrors(object) : updateErrors(object, old);
    if (errors.length > 0) return refuse(400, 'Invalid', errors.map(fieldErrorMessage).join(', '));
    const secret = newSecret(object, old);
    if (secret !== undefined && !(await options.mayGetSecret(user, namespace, secret.name))) {
      const named = `${secret.field} names the Secret ${JSON.stringify(secret.name)}`;
      return refuse(
        403,
        'Forbidden',
        `${named}, which user ${JSON.stringify(user.name)} may not get in namespace ${namespace}`,
      );
    }
    if (old !== undefined) return { warnings };
    const conflict = conflictErrors(object, [...options.registered(), ...recent()])[0];
    if (conflict !== undefined) return refuse(403, repositoryConflict, conflict.detail);
    if (!dryRun && name !== '') passed.push({ object, until: options.now() + passedMs });
    return { warnings };
  };

  function createErrors(object: Repository): FieldError[] {
    return [...repositoryNameErrors(object.metadata.name ?? ''), ...specErrors(object, options)];
  }

  function updateErrors(object: Repository, old: Repository): FieldError[] {
    const known = new Set(specErrors(old, options).map(fieldErrorMessage));
    const errors = specErrors(object, options).filter((error) => !known.has(fieldErrorMessage(error)));
    return [...immutableFieldErrors(object, old), ...errors];
  }
}

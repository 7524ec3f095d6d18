import { type FieldError, fieldErrorMessage, type UserInfo, until } from '@porch/apiserver';
import { repositoryConflict } from '../../resources/registration-overlap.ts';
import type { RemoteUrlOptions } from '../../resources/remote-url.ts';
import type { Repository } from '../../resources/repository.ts';
import { withRepositoryDefaults } from '../../resources/repository-defaults.ts';
import { immutableFieldErrors } from './immutable-fields.ts';
import { conflictErrors, isFree } from './registration-conflicts.ts';
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
  /** Tells of every one of them, and of all changes from then on. Returns what ends that. */
  watchRegistered(listener: (object: Repository) => void): () => void;
  mayGetSecret(user: UserInfo, namespace: string, name: string): Promise<boolean>;
  /** Milliseconds, of a clock that never goes back. */
  readonly now: () => number;
}

/** How long it takes at most until a registration that was let pass is seen among the registered ones, in milliseconds. */
const passedMs = 5_000;

/** How long a registration waits for those that are about to go, in milliseconds: less than the cluster waits for the answer. */
const longestWaitMs = 5_000;

/**
 * The rules of Repositories for a cluster that keeps them: those of the schema in so far as they take more than CEL, conflicts with
 * other registrations, and the right to the Secret that is named. Two registrations that conflict cannot pass side by side
 * here; another server does not know what this one has just let pass, and then the controller lets the later one wait.
 */
export function repositoryAdmission(
  options: RepositoryAdmissionOptions,
): (request: RepositoryAdmissionRequest) => Promise<RepositoryAdmission> {
  /** Until when they count, whether they are seen or not. */
  const passed = new Map<Repository, number>();
  const recent = (): Repository[] => {
    const now = options.now();
    for (const [object, end] of passed) if (end <= now) passed.delete(object);
    return [...passed.keys()];
  };
  options.watchRegistered(({ metadata: { namespace, name } }) => {
    for (const object of passed.keys()) {
      const { metadata } = object;
      // From here on it is among the registered ones, for as long as it is registered.
      if (metadata.namespace === namespace && metadata.name === name) passed.delete(object);
    }
  });

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
    await until(() => isFree(object, options.registered()), options.watchRegistered, { mostMs: longestWaitMs });
    const conflict = conflictErrors(object, [...options.registered(), ...recent()])[0];
    if (conflict !== undefined) return refuse(403, repositoryConflict, conflict.detail);
    if (!dryRun && name !== '') passed.set(object, options.now() + passedMs);
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

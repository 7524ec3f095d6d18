import { type FieldError, fieldError, fieldErrorMessage, type Strategy } from '@porch/apiserver';
import { workspaceNameProblem } from '../../resources/api-name.ts';
import { repositoryFinalizer } from '../../resources/group.ts';
import { isReferenceName } from '../../resources/reference-name.ts';
import { trimDirectory } from '../../resources/registration-overlap.ts';
import type { RemoteUrlOptions } from '../../resources/remote-url.ts';
import { nothingObserved, type Repository } from '../../resources/repository.ts';
import { conditionErrors, reasonErrors } from '../condition-rules.ts';
import { missingResourceVersion } from '../missing-resource-version.ts';
import { restoreMetadata } from '../restore-metadata.ts';
import { immutableFieldErrors } from './immutable-fields.ts';
import { newNameErrors, specErrors } from './spec-rules.ts';

/** What whoever registers a Repository should know. */
export function warningsOf(object: Repository): string[] {
  const { git, type } = object.spec;
  const warnings: string[] = [];
  if (type === 'oci') {
    warnings.push('OCI repositories are not supported yet: the repository will not become Ready (reason Unsupported)');
  }
  const branch = git?.branch ?? 'main';
  if (git !== undefined && workspaceNameProblem(branch) !== undefined) {
    warnings.push(
      `spec.git.branch ${JSON.stringify(branch)} cannot be part of an object's name: the package revisions that track the branch will not be listed`,
    );
  } else if (git !== undefined && /^v[0-9]+$/.test(branch)) {
    warnings.push(
      `spec.git.branch ${JSON.stringify(branch)} is named like a revision: in Git, a proposal to delete what tracks the branch is the same as one to delete revision ${branch.slice(1)}`,
    );
  }
  const directory = trimDirectory(git?.directory);
  if (directory !== '' && !isReferenceName(`refs/heads/${directory}`)) {
    warnings.push(
      `spec.git.directory ${JSON.stringify(directory)} cannot be part of the name of a branch or tag: packages in it can be read, but not drafted or published`,
    );
  }
  return warnings;
}

function keepStatus(object: Repository, old: Repository): void {
  if (old.status === undefined) delete object.status;
  else object.status = structuredClone(old.status);
}

/** The rules of repositories. Conflicts between registrations are found when one is stored. */
export function repositoryStrategy(options: RemoteUrlOptions): Strategy<Repository> {
  return {
    prepareForCreate(_context, object) {
      object.status = { ...nothingObserved };
      // With the object itself, so that its first reader may write it: the controller has one change less to make.
      const { finalizers = [] } = object.metadata;
      if (!finalizers.includes(repositoryFinalizer)) object.metadata.finalizers = [...finalizers, repositoryFinalizer];
    },
    validate: (_context, object) => [...newNameErrors(object.metadata), ...specErrors(object, options)],
    prepareForUpdate: (_context, object, old) => keepStatus(object, old),
    validateUpdate(_context, object, old) {
      // A server that has become stricter must not keep an old object from being changed or finalized.
      const known = new Set(specErrors(old, options).map(fieldErrorMessage));
      return [
        ...missingResourceVersion(object),
        ...immutableFieldErrors(object, old),
        ...specErrors(object, options).filter((error) => !known.has(fieldErrorMessage(error))),
      ];
    },
    warnings: (_context, object, old) => (old === undefined ? warningsOf(object) : []),
  };
}

function statusErrors({ status = {} }: Repository): FieldError[] {
  const { conditions = [] } = status;
  const counts = (['packageCount', 'observedGeneration'] as const).flatMap((name) =>
    (status[name] ?? 0) < 0 ? [fieldError.invalid(`status.${name}`, status[name], 'must not be negative')] : [],
  );
  return [...conditionErrors(conditions), ...reasonErrors(conditions), ...counts];
}

/** The rules of the status of repositories: nothing else changes. */
export const repositoryStatusStrategy: Strategy<Repository> = {
  prepareForStatusUpdate(_context, object, old) {
    restoreMetadata(object, old);
    object.spec = structuredClone(old.spec);
  },
  validateStatusUpdate: (_context, object) => [...missingResourceVersion(object), ...statusErrors(object)],
};

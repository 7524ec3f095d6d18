import { dns1123SubdomainErrors, type FieldError, fieldError } from '@porch/apiserver';
import { trimDirectory } from '../../resources/registration-overlap.ts';
import { type RemoteUrlOptions, redactedUrl, remoteUrlErrors } from '../../resources/remote-url.ts';
import type { RepositorySpec } from '../../resources/repository.ts';

type Git = NonNullable<RepositorySpec['git']>;

// What `git check-ref-format` refuses, segment by segment and as a whole.
const forbiddenInBranch = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\.lock(\/|$)|(^|\/)\.|\.$|^@$|^-|^\/|\/$/;
const forbiddenInIdentity = /[\u0000-\u001f\u007f<>]/;
const forbiddenInDirectory = /[\u0000-\u001f\u007f\\]/;
const serverBranches = /^(drafts|proposed|deletionProposed)(\/|$)/;

function branchErrors(branch: string): FieldError[] {
  const field = 'spec.git.branch';
  if (branch === '') return [fieldError.required(field, 'name the branch that published packages go to')];
  if (forbiddenInBranch.test(branch))
    return [fieldError.invalid(field, branch, 'is not a name that a Git branch can have')];
  if (serverBranches.test(branch)) {
    return [
      fieldError.invalid(field, branch, 'branches below drafts/, proposed/ and deletionProposed/ belong to the server'),
    ];
  }
  return [];
}

function directoryErrors(directory: string): FieldError[] {
  const field = 'spec.git.directory';
  const segments = trimDirectory(directory).split('/');
  if (trimDirectory(directory) === '') return [];
  if (segments.some((s) => s === '' || s === '.' || s === '..' || s.toLowerCase() === '.git')) {
    return [
      fieldError.invalid(
        field,
        directory,
        "must be a path in the repository without empty, '.', '..' or '.git' segments",
      ),
    ];
  }
  return forbiddenInDirectory.test(directory)
    ? [fieldError.invalid(field, directory, 'must not contain backslashes or control characters')]
    : [];
}

function identityErrors(git: Git): FieldError[] {
  return (['author', 'email'] as const)
    .filter((key) => forbiddenInIdentity.test(git[key] ?? ''))
    .map((key) => fieldError.invalid(`spec.git.${key}`, git[key], "must not contain '<', '>' or control characters"));
}

/** What is wrong with a reference to a Secret. */
export function secretRefErrors(field: string, secretRef: { readonly name: string } | undefined): FieldError[] {
  // Command-line clients write an empty name for "no secret".
  if (secretRef === undefined || secretRef.name === '') return [];
  return dns1123SubdomainErrors(secretRef.name).map((detail) =>
    fieldError.invalid(`${field}.name`, secretRef.name, detail),
  );
}

/** What is wrong with `spec.git`. */
export function gitErrors(git: Git, options: RemoteUrlOptions): FieldError[] {
  const url =
    git.repo === ''
      ? [fieldError.required('spec.git.repo', 'give the URL of the Git repository')]
      : remoteUrlErrors(git.repo, options).map((detail) =>
          fieldError.invalid('spec.git.repo', redactedUrl(git.repo), detail),
        );
  return [
    ...url,
    ...branchErrors(git.branch ?? 'main'),
    ...directoryErrors(git.directory ?? ''),
    ...identityErrors(git),
    ...secretRefErrors('spec.git.secretRef', git.secretRef),
  ];
}

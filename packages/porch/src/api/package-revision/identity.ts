import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  type FieldError,
  fieldError,
  withoutOuterSlashes,
} from '@porch/apiserver';
import type { PackageRevision } from '../../resources/package-revision.ts';
import { composedName } from './requested-name.ts';

function labelErrors(field: string, value: string, what: string): FieldError[] {
  if (value === '') return [fieldError.required(field, what)];
  return dns1123LabelErrors(value).map((detail) => fieldError.invalid(field, value, detail));
}

function packageNameErrors(value: string): FieldError[] {
  const field = 'spec.packageName';
  if (value === '') return [fieldError.required(field, 'name the package, with its path in the repository')];
  const segments = value.split('/');
  if (segments.includes('')) {
    return [fieldError.invalid(field, value, 'the path of a package must not have empty segments ("//")')];
  }
  const errors = segments.flatMap((segment) =>
    dns1123LabelErrors(segment).map((detail) =>
      fieldError.invalid(field, value, segments.length === 1 ? detail : `${JSON.stringify(segment)}: ${detail}`),
    ),
  );
  if (errors.length === 0 && segments.join('').length > 63) {
    return [
      fieldError.invalid(field, value, 'path and name must be no more than 63 characters together, slashes aside'),
    ];
  }
  return errors;
}

/** What is wrong with the parts of a new package revision's name: repository, package and workspace. */
export function identityErrors(object: PackageRevision): FieldError[] {
  const { repository = '', packageName = '', workspaceName = '' } = object.spec;
  const errors = [
    ...labelErrors('spec.repository', repository, 'name a Repository of this namespace'),
    ...packageNameErrors(packageName),
    ...labelErrors('spec.workspaceName', workspaceName, 'name the workspace, for instance "v1"'),
  ];
  const name = composedName(object);
  if (errors.length > 0 || name === undefined) return errors;
  return dns1123SubdomainErrors(name).map((detail) => fieldError.invalid('metadata.name', name, detail));
}

/** The path without slashes at its ends, as it is stored. */
export function trimPackageName(object: PackageRevision): void {
  if (object.spec.packageName !== undefined) {
    object.spec.packageName = withoutOuterSlashes(object.spec.packageName);
  }
}

import { dns1123LabelErrors } from '@porch/apiserver';

const maxPackageLength = 63;

/** Why the API cannot carry a package found in Git, or undefined when it can. */
export function packageNameProblem(packageName: string): string | undefined {
  if (packageName === '') return 'a package that is the directory of the repository itself has no name';
  const segments = packageName.split('/');
  const bad = segments.find((segment) => dns1123LabelErrors(segment).length > 0);
  if (bad !== undefined) {
    return `${JSON.stringify(bad)} is not a name of lower case letters, digits and '-' with at most 63 characters`;
  }
  if (segments.join('').length > maxPackageLength) {
    return `the path of the package is longer than ${maxPackageLength} characters, slashes aside`;
  }
  return undefined;
}

/** Why the API cannot carry a workspace found in Git, or undefined when it can. Versions such as `v1.2.3` are fine. */
export function workspaceNameProblem(workspaceName: string): string | undefined {
  if (/^v[0-9]+(\.[0-9]+)*$/.test(workspaceName) && workspaceName.length <= 63) return undefined;
  if (dns1123LabelErrors(workspaceName).length === 0) return undefined;
  return `workspace ${JSON.stringify(workspaceName)} is not a name of lower case letters, digits and '-' with at most 63 characters`;
}

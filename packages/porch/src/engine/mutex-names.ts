/**
 * Names of the mutexes in `EngineParts.packageMutexes`. Whoever takes several takes them in this order: `serial`, `branch`, `family`,
 * `write`.
 */

import type { PackageName } from '../cache/package-writes.ts';
import type { MovedBranch } from './branch-turn.ts';

/** Of one package: revisions are made, published and deleted one at a time. */
export function serialMutex({ namespace, repository, packageName }: PackageName): string {
  return `serial:${namespace}/${repository}/${packageName}`;
}

/** Of a branch, however many Repositories follow it: what moves it goes one at a time. */
export function branchMutex({ url, branch }: MovedBranch): string {
  return `push:${url}#${branch}`;
}

/** Of the packages that could contain one another: they are made one after the other. */
export function familyMutex({ namespace, repository, packageName }: PackageName): string {
  return `family:${namespace}/${repository}/${packageName.split('/', 1)[0]}`;
}

/** Of the write sets of one package: each is planned on what the one before has made. */
export function writeMutex({ namespace, repository, packageName }: PackageName): string {
  return `write:${namespace}/${repository}/${packageName}`;
}

import { withoutOuterSlashes } from '@porch/apiserver';
import { remoteKey } from './remote-url.ts';
import type { Repository } from './repository.ts';

/** Why a Repository is not Ready, or not admitted, that another registration is in the way of. */
export const repositoryConflict = 'RepositoryConflict';

/** How the packages of two registrations overlap. */
export type Overlap = 'same' | 'root' | 'nested';

/** What each kind of overlap means, for people. */
export const overlapDetails: Readonly<Record<Overlap, string>> = {
  same: 'it registers the same directory of the same branch',
  root: 'of the two, one registers the root of the branch and the other a directory in it',
  nested: 'the directory of one lies in the directory of the other',
};

/** Directory without slashes at its ends; empty for the root. */
export function trimDirectory(directory: string | undefined): string {
  return withoutOuterSlashes(directory ?? '');
}

/** The same for all registrations of one branch of one remote; undefined for what is not in Git. */
export function registeredBranch({ spec }: Repository): string | undefined {
  return spec.git === undefined ? undefined : `${spec.git.branch ?? 'main'} ${remoteKey(spec.git.repo)}`;
}

/**
 * Whether two registrations of one branch have packages in common that both would number. The same directory may be registered in
 * several namespaces, since both then number its revisions alike.
 */
export function overlapOf(one: Repository, other: Repository): Overlap | undefined {
  const [a, b] = [trimDirectory(one.spec.git?.directory), trimDirectory(other.spec.git?.directory)];
  if (a === b) return one.metadata.namespace === other.metadata.namespace ? 'same' : undefined;
  if (a === '' || b === '') return 'root';
  return `${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`) ? 'nested' : undefined;
}

import { type FieldError, fieldError } from '@porch/apiserver';
import { remoteKey } from '../../resources/remote-url.ts';
import type { Repository } from '../../resources/repository.ts';
import { trimDirectory } from './git-rules.ts';

type Overlap = 'same' | 'root' | 'nested' | undefined;

function overlap(a: string, b: string): Overlap {
  if (a === b) return 'same';
  if (a === '' || b === '') return 'root';
  return `${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`) ? 'nested' : undefined;
}

const details: Record<NonNullable<Overlap>, string> = {
  same: 'it registers the same directory of the same branch',
  root: 'of the two, one registers the root of the branch and the other a directory in it',
  nested: 'the directory of one lies in the directory of the other',
};

/**
 * Refuses a registration whose packages another one has too. The same directory may be registered in several namespaces, since
 * both then number its revisions alike.
 */
export function conflictErrors(object: Repository, registered: readonly Repository[]): FieldError[] {
  const { git } = object.spec;
  if (git === undefined) return [];
  const address = remoteKey(git.repo);
  const branch = git.branch ?? 'main';
  const directory = trimDirectory(git.directory);
  for (const other of registered) {
    const { namespace = '', name = '' } = other.metadata;
    const itself = namespace === object.metadata.namespace && name === object.metadata.name;
    const known = other.spec.git;
    if (itself || known === undefined || (known.branch ?? 'main') !== branch) continue;
    if (remoteKey(known.repo) !== address) continue;
    const kind = overlap(directory, trimDirectory(known.directory));
    if (kind === undefined || (kind === 'same' && namespace !== object.metadata.namespace)) continue;
    return [
      fieldError.forbidden(
        'spec.git',
        `Repository conflict with existing repository: ${namespace}/${name}: ${details[kind]}`,
      ),
    ];
  }
  return [];
}

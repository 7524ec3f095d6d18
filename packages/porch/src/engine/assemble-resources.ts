import { type ServedObject, statusErrors } from '@porch/apiserver';
import type { ReadRevision } from '../cache/revision-cache.ts';
import { GitError } from '../git/types.ts';
import type { EngineParts } from './parts.ts';
import { serveResources } from './resources-view.ts';

/**
 * The resources of a package revision. Of a package that is too large to be read there are no files, and its status says why: it must not
 * keep others from being listed and watched.
 * @throws StatusError 503 that names the repository when its content cannot be read
 */
export async function assembleResources(
  parts: EngineParts,
  read: ReadRevision,
  signal: AbortSignal,
): Promise<ServedObject> {
  const { namespace, name } = read.key;
  const repository = read.value.spec.repository ?? '';
  const state = parts.cache.resourcesState(namespace, name);
  try {
    const content = await parts.contents.read(namespace, repository, read.content ?? '', signal);
    return serveResources(parts, read, content, state);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof GitError && error.errorClass === 'TooLarge') {
      const renderStatus = { error: `its files are not shown: ${error.explanation}` };
      return serveResources(parts, read, [], { ...state, renderStatus });
    }
    const why = error instanceof Error ? error.message : String(error);
    throw statusErrors.serviceUnavailable(
      `the content of ${name} cannot be read from repository "${repository}": ${why}`,
      { cause: error },
    );
  }
}

import { createCachedReads, type ServedObject, statusErrors, untilCurrent } from '@porch/apiserver';
import { type ReadRevision, readRevision } from '../cache/revision-cache.ts';
import { GitError } from '../git/types.ts';
import { porchGroup } from '../resources/group.ts';
import { packageRevReads } from './package-rev-view.ts';
import type { EngineParts } from './parts.ts';
import { serveResources } from './resources-view.ts';
import { ResourcesWatch } from './resources-watch.ts';
import type { ObjectCache, Reads } from './types.ts';
import { warningOfUnread } from './unread-repositories.ts';

/** Reads and watches over the watch cache; package revision resources are put together as they are read. */
export function createObjectCache(parts: EngineParts): ObjectCache {
  const readsOf = (plural: string): Reads =>
    createCachedReads({ cache: parts.cache.objects, resource: { group: porchGroup, plural } });
  const packageRevisions = readsOf('packagerevisions');
  return {
    packageRevisions: warningOfUnread(parts, packageRevisions),
    packages: warningOfUnread(parts, readsOf('packages')),
    packageRevs: packageRevReads(parts.cache, packageRevisions),
    packageRevisionResources: warningOfUnread(parts, resourcesReads(parts, packageRevisions)),
  };
}

function resourcesReads(parts: EngineParts, revisions: Reads): Reads {
  return {
    async get(context, name) {
      await untilCurrent(parts.cache.objects, context.signal);
      const read = parts.cache.packageRevision(context.namespace, name);
      if (read === undefined)
        throw statusErrors.notFound({ group: porchGroup, resource: 'packagerevisionresources' }, name);
      return assembleResources(parts, read, context.signal);
    },
    async list(context, options) {
      const page = await revisions.list(context, options);
      return { ...page, items: assembleAll(parts, page.items, context.signal) };
    },
    async watch(context, options, sink) {
      const resources = new ResourcesWatch(parts, context.signal, sink);
      await revisions.watch(context, options, resources);
      resources.begun();
    },
  };
}

async function* assembleAll(
  parts: EngineParts,
  items: readonly ServedObject[] | AsyncIterable<ServedObject>,
  signal: AbortSignal,
): AsyncGenerator<ServedObject> {
  for await (const item of items) {
    signal.throwIfAborted();
    yield await assembleResources(parts, readRevision(item), signal);
  }
}

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

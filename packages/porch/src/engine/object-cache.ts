import { createCachedReads, type RequestContext, type ServedObject, untilCurrent } from '@porch/apiserver';
import { type ReadRevision, readRevision } from '../cache/revision-cache.ts';
import { packageRevisionResources, porchGroup } from '../resources/group.ts';
import { assembleResources } from './assemble-resources.ts';
import { revisionNotFound } from './errors.ts';
import { packageRevReads } from './package-rev-view.ts';
import type { EngineParts } from './parts.ts';
import { ResourcesWatch } from './resources-watch.ts';
import type { ObjectCache, Reads } from './types.ts';
import { warningOfUnread } from './unread-repositories.ts';

/** Reads and watches over the watch cache; package revision resources are put together as they are read. */
export function createObjectCache(parts: EngineParts): ObjectCache {
  const readsOf = (plural: string): Reads =>
    createCachedReads({ cache: parts.cache.objects, resource: { group: porchGroup, plural } });
  const revisions = readsOf('packagerevisions');
  return {
    packageRevisions: warningOfUnread(parts, revisions),
    packages: warningOfUnread(parts, readsOf('packages')),
    packageRevs: packageRevReads(parts.cache, revisions),
    packageRevisionResources: warningOfUnread(parts, resourcesReads(parts, revisions)),
  };
}

function resourcesReads(parts: EngineParts, revisions: Reads): Reads {
  return {
    async get(context, name) {
      await untilCurrent(parts.cache.objects, context.signal);
      const read = parts.cache.packageRevision(context.namespace, name);
      if (read === undefined) throw revisionNotFound(packageRevisionResources, name);
      return assembleInTurn(parts, read, context);
    },
    async list(context, options) {
      const page = await revisions.list(context, options);
      return { ...page, items: assembleAll(parts, page.items, context) };
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
  context: RequestContext,
): AsyncGenerator<ServedObject> {
  try {
    for await (const item of items) {
      context.signal.throwIfAborted();
      yield await assembleInTurn(parts, readRevision(item), context);
    }
  } finally {
    context.assembly?.taken();
  }
}

function assembleInTurn(
  parts: EngineParts,
  read: ReadRevision,
  { assembly, signal }: RequestContext,
): Promise<ServedObject> {
  const assemble = (): Promise<ServedObject> => assembleResources(parts, read, signal);
  return assembly === undefined ? assemble() : assembly.make(read.content ?? '', assemble);
}

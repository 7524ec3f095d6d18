import { type RequestContext, untilCurrent } from '@porch/apiserver';
import type { UpstreamIndex } from '../cache/upstream-index.ts';
import { createPackageRevision } from './create.ts';
import { deletePackageRevision } from './delete.ts';
import { createObjectCache } from './object-cache.ts';
import type { EngineParts } from './parts.ts';
import { updatePackageResources } from './resources.ts';
import type { Engine } from './types.ts';
import { updatePackageRevision } from './update.ts';

/** The engine over its parts. */
export function createEngine(parts: EngineParts, upstreams: UpstreamIndex): Engine {
  const objects = createObjectCache(parts);
  // Writes begin with what was acknowledged before them, by whichever process.
  const current = (context: RequestContext) => untilCurrent(parts.cache.objects, context.signal);
  return {
    objectCache: () => objects,
    async createPackageRevision(context, object, options) {
      await current(context);
      return createPackageRevision(parts, context, object, options);
    },
    async updatePackageRevision(context, name, update, options) {
      await current(context);
      return updatePackageRevision(parts, context, name, update, options);
    },
    async deletePackageRevision(context, name, options) {
      await current(context);
      return deletePackageRevision(parts, upstreams, context, name, options);
    },
    async updatePackageResources(context, name, update, options) {
      await current(context);
      return updatePackageResources(parts, context, name, update, options);
    },
  };
}

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
  return {
    objectCache: () => objects,
    createPackageRevision: (context, object, options) => createPackageRevision(parts, context, object, options),
    updatePackageRevision: (context, name, update, options) =>
      updatePackageRevision(parts, context, name, update, options),
    deletePackageRevision: (context, name, options) => deletePackageRevision(parts, upstreams, context, name, options),
    updatePackageResources: (context, name, update, options) =>
      updatePackageResources(parts, context, name, update, options),
  };
}

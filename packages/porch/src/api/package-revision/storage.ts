import {
  isStatusError,
  type ObjectList,
  type RequestContext,
  type ResourceStorage,
  type ServedObject,
} from '@porch/apiserver';
import type { Engine } from '../../engine/types.ts';
import { porchGroup } from '../../resources/group.ts';
import type { PackageRevision } from '../../resources/package-revision.ts';
import type { NamespaceGate } from '../namespace/gate.ts';
import { requireSecretAccess } from '../secret-access.ts';
import { taskSecret } from './task-rules.ts';
import { type ClusterCollection, CollectorGuard } from './without-owners.ts';

type Storage = Required<ResourceStorage<PackageRevision>>;

const resource = { group: porchGroup, resource: 'packagerevisions' };

async function requireTaskSecret(
  context: RequestContext,
  name: string,
  secret: ReturnType<typeof taskSecret>,
): Promise<void> {
  if (secret !== undefined) await requireSecretAccess(context, { ...resource, name }, secret);
}

/** REST storage of package revisions: everything is the engine's to do. `collection` is there where a cluster collects what has lost its owners. */
export function packageRevisionStorage(engine: Engine, gate: NamespaceGate, collection?: ClusterCollection): Storage {
  const guard = collection && new CollectorGuard(collection);
  const deleteOne: Storage['delete'] = async (context, name, options) => {
    if (guard?.isCollection(context, options)) {
      const found = await engine.objectCache().packageRevisions.get(context, name);
      guard.check(found.decode());
    }
    return engine.deletePackageRevision(context, name, options);
  };
  return {
    get: (context, name) => engine.objectCache().packageRevisions.get(context, name),
    list: (context, options) => engine.objectCache().packageRevisions.list(context, options),
    watch: (context, options, sink) => engine.objectCache().packageRevisions.watch(context, options, sink),
    create(context, object, options) {
      const name = object.metadata.name ?? '';
      return gate.create(context.namespace, { resource, name }, async () => {
        await requireTaskSecret(context, name, taskSecret(object));
        return engine.createPackageRevision(context, object, options);
      });
    },
    update(context, name, update, options) {
      const allowed = async (old: PackageRevision | undefined): Promise<PackageRevision> => {
        const tasks = old?.spec.tasks?.length ?? 0;
        const wanted = await update(old);
        await requireTaskSecret(context, name, taskSecret(wanted, tasks));
        return wanted;
      };
      return engine.updatePackageRevision(context, name, allowed, options);
    },
    delete: deleteOne,
    async deleteCollection(context, list, options): Promise<ObjectList> {
      const found = await engine.objectCache().packageRevisions.list(context, list);
      const deleted: ServedObject[] = [];
      for await (const served of found.items) {
        context.signal.throwIfAborted();
        try {
          deleted.push((await deleteOne(context, served.key.name, options)).object);
        } catch (error) {
          if (!isStatusError(error, 'NotFound')) throw error;
        }
      }
      return { revision: found.revision, items: deleted };
    },
  };
}

import type { Logger } from 'pino';
import type { Registrations } from '../cache/registrations.ts';
import { configApiVersion, configGroup, configVersion } from '../resources/group.ts';
import type { Repository } from '../resources/repository.ts';
import { withRepositoryDefaults } from '../resources/repository-defaults.ts';
import type { ClusterClient } from './cluster-client.ts';
import { isClusterError } from './cluster-error.ts';
import { Informer } from './informer.ts';
import { mergePatchOf } from './merge-patch-of.ts';
import { collectionPath, objectPath } from './resource-path.ts';

/** Owner of the fields that the controller writes; the Go controller's name, so that neither fights the other's leavings. */
const repositoryFieldManager = 'repository-controller';

/** Where Repositories are in a cluster. */
const repositoryResource = { group: configGroup, version: configVersion, plural: 'repositories' } as const;

/** How Repositories of a cluster are followed. */
export interface ClusterRegistrationsOptions {
  readonly client: ClusterClient;
  readonly logger: Logger;
  readonly random: () => number;
}

/** Repositories that are custom resources of a cluster. */
export interface ClusterRegistrations extends Registrations {
  close(): Promise<void>;
}

/**
 * Follows the Repositories of a cluster. The controller's writes are small ones: finalizers and `runOnceAt` by a merge patch that
 * fails when the object has changed, the status by server-side apply, which leaves what others put there alone.
 */
export async function followRegistrations(options: ClusterRegistrationsOptions): Promise<ClusterRegistrations> {
  const { client } = options;
  const informer = new Informer<Repository>({ ...options, path: collectionPath(repositoryResource) });
  await informer.start();
  const get = (namespace: string, name: string): Repository | undefined => {
    const object = informer.get(namespace, name);
    return object === undefined ? undefined : complete(object);
  };

  /** Returns the object as it is after the write; undefined when it is gone. */
  const write = async (before: Repository, after: Repository): Promise<Repository | undefined> => {
    const { namespace = '', name = '' } = before.metadata;
    const path = objectPath(repositoryResource, namespace, name);
    let written = before;
    const main = mainPatch(before, after);
    if (main !== undefined) {
      written = await client.merge<Repository>(path, main, repositoryFieldManager);
      informer.observe(written);
    }
    const isGone = after.metadata.deletionTimestamp !== undefined && (after.metadata.finalizers ?? []).length === 0;
    if (isGone || mergePatchOf(before.status, after.status) === undefined) return isGone ? undefined : written;
    // The uid makes the write fail for an object of the same name that has been made since.
    const { uid } = before.metadata;
    const applied = { apiVersion: configApiVersion, kind: 'Repository', metadata: { name, uid }, status: after.status };
    written = await client.apply<Repository>(`${path}/status`, applied, repositoryFieldManager);
    informer.observe(written);
    return written;
  };

  return {
    get,
    list: () => informer.list().map(complete),
    watch(listener) {
      for (const object of informer.list()) listener({ type: 'CHANGED', object: complete(object) });
      return informer.subscribe(({ type, object }) => listener({ type, object: complete(object) }));
    },
    async update(namespace, name, change) {
      let before = get(namespace, name);
      while (before !== undefined) {
        const after = change(structuredClone(before));
        if (after === undefined) return true;
        try {
          const written = await write(before, after);
          return written !== undefined;
        } catch (error) {
          if (isClusterError(error, 404)) return false;
          if (!isClusterError(error, 409)) throw error;
          before = await read(client, namespace, name);
        }
      }
      return false;
    },
    close: () => informer.close(),
  };
}

/** Lists leave out what all their items have in common. */
function complete(object: Repository): Repository {
  return withRepositoryDefaults({ ...object, apiVersion: configApiVersion, kind: 'Repository' });
}

async function read(client: ClusterClient, namespace: string, name: string): Promise<Repository | undefined> {
  try {
    return complete(await client.get<Repository>(objectPath(repositoryResource, namespace, name)));
  } catch (error) {
    if (isClusterError(error, 404)) return undefined;
    throw error;
  }
}

/** What changes outside of the status, on condition that nothing else has changed. */
function mainPatch(before: Repository, after: Repository): object | undefined {
  const finalizers = mergePatchOf(before.metadata.finalizers ?? [], after.metadata.finalizers ?? []);
  const spec = mergePatchOf(before.spec, after.spec);
  if (finalizers === undefined && spec === undefined) return undefined;
  const { resourceVersion, uid } = before.metadata;
  return {
    metadata: { resourceVersion, uid, ...(finalizers === undefined ? {} : { finalizers }) },
    ...(spec === undefined ? {} : { spec }),
  };
}

import type { KubernetesObject } from '@porch/apiserver';
import type { ClusterClient } from './cluster-client.ts';
import { isClusterError } from './cluster-error.ts';
import { Informer, type InformerOptions } from './informer.ts';
import { collectionPath, namespaceResource, objectPath } from './resource-path.ts';

/** What a namespace of the cluster is like; undefined where there is none. */
export type ClusterNamespaceState = 'active' | 'terminating' | undefined;

/** The namespaces of a cluster. */
export interface ClusterNamespaces {
  /** As far as is known here. */
  stateOf(namespace: string): ClusterNamespaceState;
  /** Asks the cluster about one that is not known here, because it may have been made just now. */
  lookUp(namespace: string): Promise<ClusterNamespaceState>;
  /** What no other cluster has, as long as this one lives: the UID of its namespace kube-system. Undefined while that is not known here. */
  identity(): string | undefined;
  close(): Promise<void>;
}

function stateOf(object: KubernetesObject | undefined): ClusterNamespaceState {
  if (object === undefined) return undefined;
  return object.metadata.deletionTimestamp === undefined ? 'active' : 'terminating';
}

/** Follows the namespaces of a cluster. */
export async function followNamespaces(
  client: ClusterClient,
  options: Pick<InformerOptions, 'logger' | 'random'>,
): Promise<ClusterNamespaces> {
  const informer = new Informer({ ...options, client, path: collectionPath(namespaceResource) });
  await informer.start();
  return {
    stateOf: (namespace) => stateOf(informer.get('', namespace)),
    async lookUp(namespace) {
      try {
        return stateOf(await client.get<KubernetesObject>(objectPath(namespaceResource, undefined, namespace)));
      } catch (error) {
        if (isClusterError(error, 404)) return undefined;
        throw error;
      }
    },
    identity: () => informer.get('', 'kube-system')?.metadata.uid,
    close: () => informer.close(),
  };
}

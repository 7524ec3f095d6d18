import type { SecretSource } from '../cache/secret-source.ts';
import { GitError } from '../git/types.ts';
import type { Secret } from '../resources/secret.ts';
import type { ClusterClient } from './cluster-client.ts';
import { isClusterError } from './cluster-error.ts';
import { objectPath, secretResource } from './resource-path.ts';

/**
 * Secrets of a cluster, each read in the moment it is needed; none is listed or watched. Those that were read before go on to
 * count while their namespace is being deleted, since nobody knows in which order its objects go, and the last drafts are still
 * on their way to Git.
 */
export function clusterSecrets(client: ClusterClient, isTerminating: (namespace: string) => boolean): SecretSource {
  const read = new Map<string, Secret>();
  return {
    async get(namespace, name) {
      const key = `${namespace}/${name}`;
      try {
        const secret = await client.get<Secret>(objectPath(secretResource, namespace, name));
        read.set(key, secret);
        return secret;
      } catch (error) {
        if (isClusterError(error, 404)) {
          if (isTerminating(namespace)) return read.get(key);
          read.delete(key);
          return undefined;
        }
        throw unreadable(namespace, name, error);
      }
    },
    watch: () => () => undefined,
  };
}

function unreadable(namespace: string, name: string, error: unknown): GitError {
  const forbidden = isClusterError(error, 403);
  return new GitError(
    forbidden ? 'Authentication' : 'Unreachable',
    `secret "${name}" in namespace "${namespace}" cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    forbidden ? 'Let the server get secrets in this namespace.' : 'Check that the cluster answers.',
    { cause: error },
  );
}

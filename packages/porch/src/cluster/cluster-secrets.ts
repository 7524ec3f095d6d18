import type { Logger } from 'pino';
import type { SecretSource } from '../cache/secret-source.ts';
import { GitError } from '../git/types.ts';
import type { Secret } from '../resources/secret.ts';
import type { ClusterClient } from './cluster-client.ts';
import { isClusterError } from './cluster-error.ts';
import { objectPath, secretResource } from './resource-path.ts';

/** How often Secrets are read again that somebody waits for, in milliseconds. */
const againMs = 30_000;

/** How Secrets of a cluster are read. */
export interface ClusterSecretsOptions {
  readonly client: ClusterClient;
  isTerminating(namespace: string): boolean;
  /** Secrets whose change would put something right. */
  awaited(): readonly { readonly namespace: string; readonly name: string }[];
  readonly logger: Logger;
  /** How often those are read again, in milliseconds; half a minute unless told. */
  readonly everyMs?: number;
}

/**
 * Secrets of a cluster, each read in the moment it is needed; none is listed or watched. Those that something waits for are read again
 * from time to time, and are said to change when they are not what was read before. Those that were read go on to count while their
 * namespace is being deleted, since nobody knows in which order its objects go, and the last drafts are still on their way to Git.
 */
export function clusterSecrets(options: ClusterSecretsOptions): SecretSource {
  const { client, isTerminating, awaited, logger, everyMs = againMs } = options;
  const read = new Map<string, Secret>();
  /** What was found last: the version of a Secret, or why there was none. */
  const found = new Map<string, string>();

  const get = async (namespace: string, name: string): Promise<Secret | undefined> => {
    const key = `${namespace}/${name}`;
    try {
      const secret = await client.get<Secret>(objectPath(secretResource, namespace, name));
      read.set(key, secret);
      found.set(key, `${secret.metadata.uid}/${secret.metadata.resourceVersion}`);
      return secret;
    } catch (error) {
      if (isClusterError(error, 404)) {
        found.set(key, 'missing');
        if (isTerminating(namespace)) return read.get(key);
        read.delete(key);
        return undefined;
      }
      if (isClusterError(error, 403)) found.set(key, 'forbidden');
      throw unreadable(namespace, name, error);
    }
  };

  const isOther = async (namespace: string, name: string): Promise<boolean> => {
    const key = `${namespace}/${name}`;
    const before = found.get(key);
    if (before === undefined) return false;
    try {
      await get(namespace, name);
    } catch (error) {
      logger.debug({ err: error, namespace, secret: name }, 'a Secret that is waited for cannot be read');
    }
    return found.get(key) !== before;
  };

  return {
    get,
    watch(listener) {
      let looking = false;
      const look = async (): Promise<void> => {
        if (looking) return;
        looking = true;
        try {
          for (const { namespace, name } of awaited()) {
            if (await isOther(namespace, name)) listener(namespace, name);
          }
        } finally {
          looking = false;
        }
      };
      const timer = setInterval(look, everyMs);
      timer.unref();
      return () => clearInterval(timer);
    },
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

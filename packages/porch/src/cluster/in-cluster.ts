import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openWatchedFile } from '@porch/apiserver';
import type { Logger } from 'pino';
import { isMissingFile } from '../git/broker/system-errors.ts';
import { type ClusterAddress, ClusterConfigError } from './credentials.ts';

/** How long a look at a file counts, in milliseconds: tokens are renewed long before they end. */
const freshMs = 10_000;

/** Where a pod finds what it knows of its cluster. */
export interface InClusterOptions {
  /** Value of `KUBERNETES_SERVICE_HOST` and `_PORT`, as host and port; undefined outside a pod. */
  readonly service: { readonly host: string; readonly port: string } | undefined;
  /** Where the service account's files are. */
  readonly directory: string;
  readonly logger: Logger;
}

/**
 * The cluster of the pod that the process runs in, as its service account. Token and authorities are read again when they have
 * been renewed.
 * @throws ClusterConfigError when the process does not run in a pod
 */
export async function inCluster({ service, directory, logger }: InClusterOptions): Promise<ClusterAddress> {
  if (service === undefined) {
    throw new ClusterConfigError(
      'this is no pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; give --kubeconfig FILE outside of a cluster',
    );
  }
  const now = () => performance.now();
  const open = async (name: string) => {
    try {
      return await openWatchedFile({ path: join(directory, name), parse: (text) => text.trim(), logger, freshMs, now });
    } catch (error) {
      const message = `the service account cannot be used: ${error instanceof Error ? error.message : String(error)}`;
      throw new ClusterConfigError(`${message}; automountServiceAccountToken must not be off for this pod`, {
        cause: error,
      });
    }
  };
  const token = await open('token');
  const authorities = await open('ca.crt');
  const host = service.host.includes(':') ? `[${service.host}]` : service.host;
  return {
    server: `https://${host}:${service.port}`,
    source: directory,
    credentials: async () => ({ token: await token.current(), authorities: await authorities.current() }),
  };
}

/** The namespace of the pod that the process runs in; undefined outside a pod. */
export async function ownNamespace(directory: string): Promise<string | undefined> {
  try {
    const text = await readFile(join(directory, 'namespace'), 'utf8');
    return text.trim() === '' ? undefined : text.trim();
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}

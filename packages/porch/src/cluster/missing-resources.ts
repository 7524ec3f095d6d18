import type { ClusterClient } from './cluster-client.ts';
import { isClusterError } from './cluster-error.ts';

interface ResourceList {
  readonly resources?: readonly { readonly name: string }[];
}

/**
 * Asks the cluster which of these resources (plural names, with their subresource where it is one) it does not serve.
 * @throws ClusterError when the cluster does not answer
 */
export async function missingResources(
  client: ClusterClient,
  group: string,
  version: string,
  resources: readonly string[],
): Promise<readonly string[]> {
  const served = new Set(await servedResources(client, `/apis/${group}/${version}`));
  return resources.filter((resource) => !served.has(resource));
}

async function servedResources(client: ClusterClient, path: string): Promise<readonly string[]> {
  try {
    return ((await client.get<ResourceList>(path)).resources ?? []).map(({ name }) => name);
  } catch (error) {
    // Nothing of the group, or of the version, is there.
    if (isClusterError(error, 404)) return [];
    throw error;
  }
}

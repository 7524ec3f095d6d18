import type { FunctionConfigEvent, FunctionConfigSource } from '../cache/function-config-source.ts';
import type { FunctionConfig } from '../resources/function-config.ts';
import { configApiVersion, configGroup, configVersion } from '../resources/group.ts';
import type { ClusterClient } from './cluster-client.ts';
import { isClusterError } from './cluster-error.ts';
import { Informer, type InformerOptions } from './informer.ts';
import { collectionPath, objectPath } from './resource-path.ts';

/** Owner of what the server says in the status: the function runner and the controllers of the Go server own the rest of it. */
const fieldManager = 'porch-server';

const functionConfigResource = { group: configGroup, version: configVersion, plural: 'functionconfigs' } as const;

/** FunctionConfigs that are custom resources of a cluster. */
export interface ClusterFunctionConfigs extends FunctionConfigSource {
  close(): Promise<void>;
}

/** Follows the FunctionConfigs of a cluster. Their status is written by server-side apply: others' fields stay as they are. */
export async function followFunctionConfigs(
  client: ClusterClient,
  options: Pick<InformerOptions, 'logger' | 'random'>,
): Promise<ClusterFunctionConfigs> {
  const path = collectionPath(functionConfigResource);
  const informer = new Informer<FunctionConfig>({ ...options, client, path });
  await informer.start();
  const event = (type: FunctionConfigEvent['type'], { metadata }: FunctionConfig): FunctionConfigEvent => {
    const { namespace = '', name = '' } = metadata;
    return { type, namespace, name };
  };
  return {
    get: (namespace, name) => informer.get(namespace, name),
    list: (namespace) => informer.list().filter(({ metadata }) => metadata.namespace === namespace),
    watch(listener) {
      for (const object of informer.list()) listener(event('CHANGED', object));
      return informer.subscribe(({ type, object }) => listener(event(type, object)));
    },
    async writeStatus({ metadata: { namespace = '', name = '', uid } }, { apiServerObservedGeneration, error }) {
      const applied = {
        apiVersion: configApiVersion,
        kind: 'FunctionConfig',
        // The uid makes the write fail for an object of the same name that has been made since.
        metadata: { name, uid },
        status: { apiServerObservedGeneration, ...(error === undefined ? {} : { error }) },
      };
      const target = `${objectPath(functionConfigResource, namespace, name)}/status`;
      try {
        informer.observe(await client.apply<FunctionConfig>(target, applied, fieldManager));
      } catch (failure) {
        if (!isClusterError(failure, 404) && !isClusterError(failure, 409)) throw failure;
      }
    },
    close: () => informer.close(),
  };
}

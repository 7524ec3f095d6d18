import {
  encodeObject,
  PreconditionFailedError,
  type ServedObject,
  type Store,
  type WatchCache,
} from '@porch/apiserver';
import type { FunctionConfig } from '../resources/function-config.ts';
import { functionConfigs } from '../resources/group.ts';
import type { FunctionConfigSource } from './function-config-source.ts';

/** FunctionConfigs that the server keeps itself. */
export function storeFunctionConfigs(objects: WatchCache, store: Store): FunctionConfigSource {
  return {
    get: (namespace, name) => objects.get({ resource: functionConfigs, namespace, name })?.decode<FunctionConfig>(),
    list: (namespace) => objects.list(functionConfigs, { namespace }).items.map(decode),
    watch(listener) {
      const { revision, items } = objects.list(functionConfigs);
      for (const { key } of items) listener({ type: 'CHANGED', ...key });
      return objects.watch(functionConfigs, revision, ({ type, object: { key } }) =>
        listener({ type: type === 'DELETED' ? 'REMOVED' : 'CHANGED', ...key }),
      );
    },
    async writeStatus(object, status) {
      const { resourceVersion, ...metadata } = object.metadata;
      const { namespace = '', name = '', uid = '' } = metadata;
      const key = { resource: functionConfigs, namespace, name };
      const changed: FunctionConfig = { ...object, metadata, status };
      const value = encodeObject(changed);
      try {
        await store.commit({ operations: [{ type: 'put', key, uid, value, expected: Number(resourceVersion) }] });
      } catch (error) {
        // Somebody else has changed it, which is an event of its own.
        if (!(error instanceof PreconditionFailedError)) throw error;
      }
    },
  };
}

function decode(served: ServedObject): FunctionConfig {
  return served.decode<FunctionConfig>();
}

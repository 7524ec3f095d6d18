import type { WatchCache } from '@porch/apiserver';
import { secrets } from '../resources/group.ts';
import type { Secret } from '../resources/secret.ts';
import type { SecretSource } from './secret-source.ts';

/** Secrets that the server keeps itself. */
export function storeSecrets(objects: WatchCache): SecretSource {
  return {
    get: async (namespace, name) => objects.get({ resource: secrets, namespace, name })?.decode<Secret>(),
    watch: (listener) =>
      objects.watch(secrets, objects.revision, ({ object }) => listener(object.key.namespace, object.key.name)),
  };
}

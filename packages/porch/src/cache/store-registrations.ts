import { encodeObject, type ObjectKey, PreconditionFailedError, type Store, type WatchCache } from '@porch/apiserver';
import { repositories } from '../resources/group.ts';
import type { Repository } from '../resources/repository.ts';
import { DecodedOnce } from './decoded-once.ts';
import type { Registrations } from './registrations.ts';

/** Repositories that the server keeps itself. */
export function storeRegistrations(objects: WatchCache, store: Store): Registrations {
  const decoded = new DecodedOnce<Repository>();
  const read = (key: ObjectKey): { readonly revision: number; readonly value: Repository } | undefined => {
    const served = objects.get(key);
    return served === undefined ? undefined : { revision: served.revision, value: decoded.of(served) };
  };
  return {
    get: (namespace, name) => read({ resource: repositories, namespace, name })?.value,
    list: () => decoded.all(objects.list(repositories).items),
    watch(listener) {
      const { revision, items } = objects.list(repositories);
      for (const item of items) listener({ type: 'CHANGED', object: decoded.of(item) });
      return objects.watch(repositories, revision, ({ type, object }) =>
        listener(
          type === 'DELETED'
            ? { type: 'REMOVED', object: object.decode<Repository>() }
            : { type: 'CHANGED', object: decoded.of(object) },
        ),
      );
    },
    async update(namespace, name, change) {
      const key = { resource: repositories, namespace, name };
      for (;;) {
        const current = read(key);
        if (current === undefined) return false;
        const changed = change(structuredClone(current.value));
        if (changed === undefined) return true;
        const { resourceVersion: _, ...metadata } = changed.metadata;
        const gone = metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0;
        const generation = (metadata.generation ?? 1) + (sameSpec(current.value, changed) ? 0 : 1);
        const value = encodeObject({ ...changed, metadata: { ...metadata, generation } });
        try {
          await store.commit({
            operations: [
              gone
                ? { type: 'delete', key, expected: current.revision }
                : { type: 'put', key, uid: metadata.uid ?? '', value, expected: current.revision },
            ],
          });
          return !gone;
        } catch (error) {
          if (!(error instanceof PreconditionFailedError)) throw error;
        }
      }
    },
  };
}

function sameSpec(before: Repository, after: Repository): boolean {
  return JSON.stringify(before.spec) === JSON.stringify(after.spec);
}

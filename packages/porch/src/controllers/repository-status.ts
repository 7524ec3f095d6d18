import { encodeObject, PreconditionFailedError } from '@porch/apiserver';
import type { EngineParts } from '../engine/parts.ts';
import type { Repository } from '../resources/repository.ts';

/**
 * Changes what the controller owns of a Repository, on top of whatever others have changed meanwhile. `change` may run more than
 * once; undefined leaves the object as it is. Returns whether the Repository still exists.
 */
export async function updateRepository(
  parts: Pick<EngineParts, 'cache' | 'store'>,
  namespace: string,
  name: string,
  change: (object: Repository) => Repository | undefined,
): Promise<boolean> {
  for (;;) {
    const read = parts.cache.repository(namespace, name);
    if (read === undefined) return false;
    const changed = change(structuredClone(read.value));
    if (changed === undefined) return true;
    const { resourceVersion: _, ...metadata } = changed.metadata;
    const gone = metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0;
    const generation = (metadata.generation ?? 1) + (sameSpec(read.value, changed) ? 0 : 1);
    const value = encodeObject({ ...changed, metadata: { ...metadata, generation } });
    try {
      await parts.store.commit({
        operations: [
          gone
            ? { type: 'delete', key: read.key, expected: read.revision }
            : { type: 'put', key: read.key, uid: metadata.uid ?? '', value, expected: read.revision },
        ],
      });
      return !gone;
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) throw error;
    }
  }
}

function sameSpec(before: Repository, after: Repository): boolean {
  return JSON.stringify(before.spec) === JSON.stringify(after.spec);
}

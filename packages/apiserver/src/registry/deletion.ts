import { isDeepStrictEqual } from 'node:util';
import type { ObjectMeta, Time } from '../meta/object.ts';
import type { DeleteOptions } from './resource.ts';

/** Keeps a deleted object until its dependents do not name it as an owner any more. */
export const orphanFinalizer = 'orphan';

/** Keeps a deleted object until the dependents that block its deletion are gone. */
export const foregroundFinalizer = 'foregroundDeletion';

/**
 * The finalizers that an object has once its deletion has been asked for (Kubernetes, "Garbage Collection"): a policy adds its own
 * and takes away the other's; without one, what the object has already decides.
 */
function deletionFinalizers(
  finalizers: readonly string[],
  policy: DeleteOptions['propagationPolicy'],
): readonly string[] {
  if (policy === undefined) return finalizers;
  const others = finalizers.filter((name) => name !== orphanFinalizer && name !== foregroundFinalizer);
  if (policy === 'Orphan') return [...others, orphanFinalizer];
  if (policy === 'Foreground') return [...others, foregroundFinalizer];
  return others;
}

/** A deletion as it was asked for. */
export interface Deletion {
  readonly policy: DeleteOptions['propagationPolicy'];
  readonly now: Time;
  /** Whether the beginning of the deletion counts in `metadata.generation`. */
  readonly hasGeneration: boolean;
}

/**
 * The metadata of an object that is being deleted and waits for its finalizers, or undefined when nothing holds it and it may go.
 * Metadata that says all of this already is returned as it is.
 */
export function awaitingFinalizers(metadata: ObjectMeta, deletion: Deletion): ObjectMeta | undefined {
  const { finalizers: before = [], deletionTimestamp, generation = 0 } = metadata;
  const finalizers = deletionFinalizers(before, deletion.policy);
  if (finalizers.length === 0) return undefined;
  if (deletionTimestamp !== undefined && isDeepStrictEqual(finalizers, before)) return metadata;
  const begins = deletionTimestamp === undefined && deletion.hasGeneration;
  return {
    ...metadata,
    finalizers: [...finalizers],
    deletionTimestamp: deletionTimestamp ?? deletion.now,
    deletionGracePeriodSeconds: 0,
    ...(begins ? { generation: generation + 1 } : {}),
  };
}

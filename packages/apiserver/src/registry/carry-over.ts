import type { KubernetesObject, ObjectMeta } from '../meta/object.ts';
import { sameEncodedObject, sameEncodedValue } from '../storage/encode.ts';

/**
 * What is stored for an update: the wanted object with the metadata that clients cannot change carried over from the old one, and
 * the next generation when something besides metadata and status changed. The arguments are not changed.
 */
export function carryOver<T extends KubernetesObject>(wanted: T, old: T, hasGeneration: boolean): T {
  const { resourceVersion: _, selfLink: __, ...given } = wanted.metadata;
  const metadata: ObjectMeta = { ...given };
  carry(metadata, old.metadata, 'name');
  carry(metadata, old.metadata, 'namespace');
  carry(metadata, old.metadata, 'uid');
  carry(metadata, old.metadata, 'creationTimestamp');
  carry(metadata, old.metadata, 'deletionTimestamp');
  carry(metadata, old.metadata, 'deletionGracePeriodSeconds');
  carry(metadata, old.metadata, 'generation');
  if (hasGeneration && !sameEncodedValue(specOf(wanted), specOf(old)))
    metadata.generation = (old.metadata.generation ?? 0) + 1;
  return { ...wanted, metadata };
}

/** Whether two objects differ in nothing but the times of their managed fields, which are set by every write. */
export function sameButTimes(a: KubernetesObject, b: KubernetesObject): boolean {
  return sameEncodedObject(withoutTimes(a), withoutTimes(b));
}

function carry<K extends keyof ObjectMeta>(to: ObjectMeta, from: ObjectMeta, key: K): void {
  const value = from[key];
  if (value === undefined) delete to[key];
  else to[key] = value;
}

function specOf(object: KubernetesObject): object {
  const {
    apiVersion: _,
    kind: __,
    metadata: ___,
    status: ____,
    ...spec
  } = object as KubernetesObject & {
    status?: unknown;
  };
  return spec;
}

function withoutTimes(object: KubernetesObject): KubernetesObject {
  const { managedFields } = object.metadata;
  if (managedFields === undefined) return object;
  const timeless = managedFields.map(({ time: _, ...entry }) => entry);
  return { ...object, metadata: { ...object.metadata, managedFields: timeless } };
}

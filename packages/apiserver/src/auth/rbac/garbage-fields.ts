import type { KubernetesObject } from '../../meta/object.ts';
import { encodeObject } from '../../storage/encode.ts';

/** What a role or binding says, without what garbage collectors write to any object, and without what every write brings. */
function said(object: KubernetesObject): string {
  const { ownerReferences: _, finalizers: __, managedFields: ___, selfLink: ____, ...metadata } = object.metadata;
  return encodeObject({ ...object, metadata });
}

/**
 * Whether an update changes at most what a garbage collector must be able to change, whatever permissions it holds itself. Labels
 * are not among that: by them a role becomes part of others.
 */
export function changesOnlyGarbageFields(object: KubernetesObject, old: KubernetesObject | undefined): boolean {
  return old !== undefined && said(object) === said(old);
}

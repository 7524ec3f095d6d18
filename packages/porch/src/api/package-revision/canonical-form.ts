import type { PackageRevision } from '../../resources/package-revision.ts';
import { trimPackageName } from './identity.ts';

function dropEmpty<T extends object>(holder: T, keys: readonly (keyof T)[]): void {
  for (const key of keys) {
    const value: unknown = holder[key];
    if (value !== null && typeof value === 'object' && Object.keys(value).length === 0) delete holder[key];
  }
}

/** Brings equal objects into one form: defaults written out, no empty lists and maps, no slashes around the package's path. */
export function canonicalize(object: PackageRevision): void {
  const { metadata, spec } = object;
  spec.lifecycle ||= 'Draft';
  trimPackageName(object);
  if (spec.revision === 0) delete spec.revision;
  if (spec.packageMetadata !== undefined) dropEmpty(spec.packageMetadata, ['labels', 'annotations']);
  // Empty package metadata is no absent one: it asks for the last label and annotation to be removed.
  dropEmpty(spec, ['tasks', 'readinessGates']);
  dropEmpty(metadata, ['labels', 'annotations', 'finalizers', 'ownerReferences']);
  if (object.status !== undefined) dropEmpty(object.status, ['conditions']);
}

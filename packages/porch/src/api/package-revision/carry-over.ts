import type { PackageRevision, PackageRevisionSpec } from '../../resources/package-revision.ts';
import { semanticEqual } from '../semantic-equal.ts';
import { keepLatestLabel } from './latest-label.ts';

/** What a client may leave out of an update without meaning to remove it. */
const keptWhenAbsent = [
  'packageName',
  'repository',
  'workspaceName',
  'revision',
  'parent',
  'lifecycle',
  'packageMetadata',
] as const satisfies readonly (keyof PackageRevisionSpec)[];

function keep<K extends keyof PackageRevisionSpec>(key: K, spec: PackageRevisionSpec, old: PackageRevisionSpec): void {
  if (old[key] === undefined) delete spec[key];
  else spec[key] = structuredClone(old[key]);
}

/**
 * Completes an update with what the server owns: the status, the label of the latest revision, and the fields that say what
 * the package revision is. Fields that mean the same as before become what they were, to the letter.
 */
export function carryOver(object: PackageRevision, old: PackageRevision): void {
  object.status = structuredClone(old.status);
  keepLatestLabel(object, old);
  const spec = object.spec;
  for (const key of keptWhenAbsent) {
    const value = spec[key];
    if (value === undefined || value === '' || value === 0) keep(key, spec, old.spec);
  }
  for (const key of Object.keys(spec) as (keyof PackageRevisionSpec)[]) {
    if (semanticEqual(spec[key], old.spec[key])) keep(key, spec, old.spec);
  }
}

/** Says that the last label or annotation of the package was taken away: package metadata that is left out stays as it is. */
export function spellOutRemovals(applied: PackageRevision, current: PackageRevision): void {
  if (current.spec.packageMetadata !== undefined) applied.spec.packageMetadata ??= {};
}

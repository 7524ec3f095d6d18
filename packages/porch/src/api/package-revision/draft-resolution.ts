import { type FieldError, fieldError } from '@porch/apiserver';
import { draftResolutions } from '../../resources/draft-resolution.ts';
import { resolveDraftAnnotation } from '../../resources/group.ts';
import type { PackageRevision } from '../../resources/package-revision.ts';

/** Refuses what decides nothing: an unknown side. */
export function draftResolutionErrors(object: PackageRevision): FieldError[] {
  const value = object.metadata.annotations?.[resolveDraftAnnotation];
  if (value === undefined || draftResolutions.some((known) => known === value)) return [];
  return [fieldError.notSupported(`metadata.annotations[${resolveDraftAnnotation}]`, value, draftResolutions)];
}

import { type FieldError, fieldError } from '@porch/apiserver';
import { latestRevisionLabel } from '../../resources/group.ts';
import type { PackageRevision } from '../../resources/package-revision.ts';

const field = `metadata.labels.${latestRevisionLabel}`;

/** Refuses the label on new objects: the server gives it. */
export function newLatestLabelErrors(object: PackageRevision): FieldError[] {
  return object.metadata.labels?.[latestRevisionLabel] === undefined
    ? []
    : [fieldError.forbidden(field, 'label is managed by porch and cannot be set by users')];
}

/** Puts the label back where a client that replaced all labels has dropped it. */
export function keepLatestLabel(object: PackageRevision, old: PackageRevision): void {
  const value = old.metadata.labels?.[latestRevisionLabel];
  if (value === undefined || object.metadata.labels?.[latestRevisionLabel] !== undefined) return;
  object.metadata.labels = { ...object.metadata.labels, [latestRevisionLabel]: value };
}

/** Refuses any other value than the server gave. */
export function changedLatestLabelErrors(object: PackageRevision, old: PackageRevision): FieldError[] {
  return object.metadata.labels?.[latestRevisionLabel] === old.metadata.labels?.[latestRevisionLabel]
    ? []
    : [fieldError.forbidden(field, 'label is managed by porch and cannot be modified by users')];
}

import { type FieldError, fieldError } from '@porch/apiserver';
import { isPublished, type PackageRevision, type PackageRevisionSpec } from '../../resources/package-revision.ts';
import type { RemoteUrlOptions } from '../../resources/remote-url.ts';
import { missingResourceVersion } from '../missing-resource-version.ts';
import { semanticEqual } from '../semantic-equal.ts';
import { draftResolutionErrors } from './draft-resolution.ts';
import { changedKptfileFieldErrors } from './kptfile-fields.ts';
import { changedLatestLabelErrors } from './latest-label.ts';
import { mainLifecycleErrors } from './lifecycle.ts';
import { changedTaskErrors } from './task-rules.ts';

const fixed = ['packageName', 'repository', 'workspaceName', 'revision', 'parent'] as const;

function fixedFieldErrors(object: PackageRevision, old: PackageRevision): FieldError[] {
  return fixed
    .filter((key) => !semanticEqual(object.spec[key], old.spec[key]))
    .map((key) => fieldError.invalid(`spec.${key}`, object.spec[key], 'field is immutable'));
}

function withoutLifecycle(spec: PackageRevisionSpec): PackageRevisionSpec {
  const { lifecycle: _, ...rest } = spec;
  return rest;
}

function publishedErrors(object: PackageRevision, old: PackageRevision, options: RemoteUrlOptions): FieldError[] {
  const tasks = changedTaskErrors(object, old, options);
  if (tasks.length > 0) return tasks;
  return semanticEqual(withoutLifecycle(object.spec), withoutLifecycle(old.spec))
    ? []
    : [
        fieldError.invalid(
          'spec',
          withoutLifecycle(object.spec),
          'spec can only update package with lifecycle value one of Draft,Proposed',
        ),
      ];
}

/** Refused changes of an update through the main endpoint; `object` has been completed by `carryOver`. */
export function mainUpdateErrors(
  object: PackageRevision,
  old: PackageRevision,
  options: RemoteUrlOptions,
): FieldError[] {
  const oldLifecycle = old.spec.lifecycle ?? 'Draft';
  return [
    ...missingResourceVersion(object),
    ...changedLatestLabelErrors(object, old),
    ...draftResolutionErrors(object),
    ...mainLifecycleErrors(object.spec.lifecycle ?? '', oldLifecycle),
    ...(isPublished(oldLifecycle)
      ? publishedErrors(object, old, options)
      : [
          ...fixedFieldErrors(object, old),
          ...changedTaskErrors(object, old, options),
          ...changedKptfileFieldErrors(object, old),
        ]),
  ];
}

import { fieldErrorMessage } from '@porch/apiserver';
import { expect } from 'vitest';
import type { PackageRevision, PackageRevisionSpec } from '../../resources/package-revision.ts';
import { requestContext } from '../request-context.test-support.ts';
import { packageRevisionStrategy } from './strategy.ts';

const strategy = packageRevisionStrategy({ clock: () => new Date('2026-01-02T03:04:05.678Z'), allowLocal: false });

/** A package revision as a client sends it, with what is said of it. */
export function revision(spec: PackageRevisionSpec, metadata: PackageRevision['metadata'] = {}): PackageRevision {
  return {
    apiVersion: 'porch.kpt.dev/v1alpha1',
    kind: 'PackageRevision',
    metadata: { namespace: 'default', ...metadata },
    spec: { repository: 'blueprints', packageName: 'a/pkg', workspaceName: 'v1', ...spec },
    status: {},
  };
}

/** What the strategy makes of a new object, and says of it. */
export function create(object: PackageRevision) {
  const context = requestContext();
  strategy.prepareForCreate?.(context, object);
  const errors = (strategy.validate?.(context, object) ?? []).map(fieldErrorMessage);
  if (errors.length === 0) strategy.canonicalize?.(object);
  return { object, errors, warnings: context.warnings };
}

/** What the strategy makes of a change to an object, and says of it. The old object must stay as it is. */
export function update(old: PackageRevision, change: (object: PackageRevision) => void) {
  const context = requestContext();
  const object = structuredClone(old);
  object.metadata.resourceVersion ??= '7';
  change(object);
  const before = structuredClone(old);
  strategy.prepareForUpdate?.(context, object, old);
  const errors = (strategy.validateUpdate?.(context, object, old) ?? []).map(fieldErrorMessage);
  strategy.canonicalize?.(object);
  expect(old).toEqual(before);
  return { object, errors };
}

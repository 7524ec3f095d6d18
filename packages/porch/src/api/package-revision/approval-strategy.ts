import { type FieldError, fieldError, type Strategy } from '@porch/apiserver';
import type { PackageRevision } from '../../resources/package-revision.ts';
import { missingResourceVersion } from '../missing-resource-version.ts';
import { restoreMetadata } from '../restore-metadata.ts';
import { approvalLifecycleErrors } from './lifecycle.ts';
import { unmetGates } from './readiness-gates.ts';

/** How approvals are held to readiness gates. */
export interface ApprovalOptions {
  /** Whether a proposal with unmet readiness gates is refused; it gets a warning otherwise. */
  readonly enforceReadinessGates: boolean;
}

function unmetOnPublishing(object: PackageRevision, old: PackageRevision): string[] {
  return old.spec.lifecycle === 'Proposed' && object.spec.lifecycle === 'Published' ? unmetGates(old) : [];
}

function gateErrors(object: PackageRevision, old: PackageRevision): FieldError[] {
  const unmet = unmetOnPublishing(object, old);
  if (unmet.length === 0) return [];
  return [fieldError.forbidden('spec.lifecycle', `readiness gates are not met: ${unmet.join(', ')}`)];
}

/** The rules of the approval endpoint: it changes the lifecycle and nothing else. */
export function approvalStrategy(options: ApprovalOptions): Strategy<PackageRevision> {
  return {
    prepareForUpdate(_context, object, old) {
      const lifecycle = object.spec.lifecycle;
      restoreMetadata(object, old);
      object.spec = structuredClone(old.spec);
      if (lifecycle === undefined) delete object.spec.lifecycle;
      else object.spec.lifecycle = lifecycle;
      object.status = structuredClone(old.status);
    },
    changeableFields: { only: ['spec.lifecycle'] },
    validateUpdate: (_context, object, old) => [
      ...missingResourceVersion(object),
      ...approvalLifecycleErrors(object.spec.lifecycle ?? '', old.spec.lifecycle ?? 'Draft'),
      ...(options.enforceReadinessGates ? gateErrors(object, old) : []),
    ],
    warnings(_context, object, old) {
      const unmet = old === undefined ? [] : unmetOnPublishing(object, old);
      return unmet.length === 0 ? [] : [`published although readiness gates are not met: ${unmet.join(', ')}`];
    },
  };
}

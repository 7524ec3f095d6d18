import { type FieldError, fieldError, type Strategy } from '@porch/apiserver';
import type { PackageRevision, PackageRevisionSpec } from '../../resources/package-revision.ts';
import { missingResourceVersion } from '../missing-resource-version.ts';
import { restoreMetadata } from '../restore-metadata.ts';
import { semanticEqual } from '../semantic-equal.ts';
import { unkeptMetadata } from '../unkept-metadata.ts';
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

/** Warnings of what an approval says beside the lifecycle, which the main endpoint would take. The status is nobody's to write here. */
function unkeptFields(object: PackageRevision, old: PackageRevision): string[] {
  const fields = Object.keys(object.spec) as (keyof PackageRevisionSpec)[];
  const unkept = fields.filter(
    (field) =>
      field !== 'lifecycle' &&
      !semanticEqual(object.spec[field], undefined) &&
      !semanticEqual(object.spec[field], old.spec[field]),
  );
  return [
    ...unkeptMetadata(object, old).map((field) => `metadata.${field}`),
    ...unkept.map((field) => `spec.${field}`),
  ].map(
    (field) => `${field} is not changed: an approval changes spec.lifecycle only; write to the package revision itself`,
  );
}

/** The rules of the approval endpoint: it changes the lifecycle and nothing else, and warns of what else it was sent. */
export function approvalStrategy(options: ApprovalOptions): Strategy<PackageRevision> {
  return {
    prepareForUpdate(context, object, old) {
      for (const text of unkeptFields(object, old)) context.warn(text);
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

import type { Strategy } from '@porch/apiserver';
import type { PackageRevision } from '../../resources/package-revision.ts';
import { missingResourceVersion } from '../missing-resource-version.ts';
import { restoreMetadata } from '../restore-metadata.ts';
import { approvalLifecycleErrors } from './lifecycle.ts';

/** The rules of the approval endpoint: it changes the lifecycle and nothing else. */
export const approvalStrategy: Strategy<PackageRevision> = {
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
  ],
};

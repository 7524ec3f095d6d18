import { type Strategy, statusErrors } from '@porch/apiserver';
import { porchGroup } from '../../resources/group.ts';
import type { PackageRevision } from '../../resources/package-revision.ts';
import { conditionErrors } from '../condition-rules.ts';
import { missingResourceVersion } from '../missing-resource-version.ts';
import { restoreMetadata } from '../restore-metadata.ts';
import { semanticEqual } from '../semantic-equal.ts';

/**
 * The rules of the status endpoint: clients may set the conditions of a draft, which its Kptfile carries. All other status
 * fields are the server's own and stay as they are.
 */
export const statusStrategy: Strategy<PackageRevision> = {
  prepareForStatusUpdate(_context, object, old) {
    const conditions = object.status?.conditions ?? [];
    restoreMetadata(object, old);
    object.spec = structuredClone(old.spec);
    object.status = structuredClone(old.status);
    if (semanticEqual(conditions, old.status?.conditions)) return;
    if (conditions.length === 0) delete object.status.conditions;
    else object.status.conditions = conditions;
  },
  changeableFields: { only: ['status.conditions'] },
  validateStatusUpdate(_context, object, old) {
    const missing = missingResourceVersion(object);
    if (missing.length > 0 || semanticEqual(object.status?.conditions, old.status?.conditions)) return missing;
    const lifecycle = old.spec.lifecycle ?? 'Draft';
    if (lifecycle !== 'Draft') {
      throw statusErrors.conflict(
        { group: porchGroup, resource: 'packagerevisions' },
        old.metadata.name ?? '',
        `conditions are part of the package and can only be changed while it is a Draft; its lifecycle is ${lifecycle}`,
      );
    }
    return conditionErrors(object.status?.conditions ?? []);
  },
};

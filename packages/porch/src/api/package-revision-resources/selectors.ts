import type { PackageRevisionResources } from '../../resources/package-revision-resources.ts';
import { revisionSelectors } from '../package-revision/selectors.ts';

/**
 * Field selectors of package revision resources. They accept the fields of package revisions; lifecycle and labels of the
 * Kptfile are not in the object itself and come with the package revision it is a view of.
 */
export const packageRevisionResourcesSelectors = revisionSelectors<PackageRevisionResources>(({ spec }) => ({
  'spec.revision': String(spec?.revision ?? 0),
  'spec.packageName': spec?.packageName ?? '',
  'spec.repository': spec?.repository ?? '',
  'spec.workspaceName': spec?.workspaceName ?? '',
}));

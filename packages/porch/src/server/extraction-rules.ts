import {
  clusterRoleBindingKind,
  clusterRoleKind,
  configMapKind,
  type ExtractionRules,
  eventKind,
  extractionOf,
  leaseKind,
  roleBindingKind,
  roleKind,
  serviceAccountKind,
} from '@porch/apiserver';
import { functionConfigSelectors } from '../api/function-config/selectors.ts';
import { functionConfigTable } from '../api/function-config/table.ts';
import { namespaceSelectors } from '../api/namespace/selectors.ts';
import { namespaceTable } from '../api/namespace/table.ts';
import { packageSelectors } from '../api/package/selectors.ts';
import { packageTable } from '../api/package/table.ts';
import { packageRevTable } from '../api/package-rev/table.ts';
import { packageRevisionSelectors } from '../api/package-revision/selectors.ts';
import { packageRevisionTable } from '../api/package-revision/table.ts';
import { packageRevisionResourcesSelectors } from '../api/package-revision-resources/selectors.ts';
import { packageRevisionResourcesTable } from '../api/package-revision-resources/table.ts';
import { repositorySelectors } from '../api/repository/selectors.ts';
import { repositoryTable } from '../api/repository/table.ts';
import { secretSelectors } from '../api/secret/selectors.ts';
import { secretTable } from '../api/secret/table.ts';
import {
  functionConfigs,
  namespaces,
  packageRevisionResources,
  packageRevisions,
  packageRevs,
  packages,
  repositories,
  secrets,
} from '../resources/group.ts';

type Rules<T> = {
  readonly selectableFields: { of(object: T): Record<string, string> };
  readonly table: { cells(object: T): readonly unknown[] };
};

/** Each resource's rules see objects of that resource only. */
function rules<T>(given: Rules<T>): ExtractionRules {
  return {
    selectableFields: { of: (object) => given.selectableFields.of(object as T) },
    table: { cells: (object) => given.table.cells(object as T) },
  };
}

/** What the watch cache takes out of the objects of each resource, by group resource. */
export const extractionRules: ReadonlyMap<string, ExtractionRules> = new Map([
  [packageRevisions, rules({ selectableFields: packageRevisionSelectors, table: packageRevisionTable })],
  [
    packageRevisionResources,
    rules({ selectableFields: packageRevisionResourcesSelectors, table: packageRevisionResourcesTable }),
  ],
  [packageRevs, rules({ selectableFields: { of: () => ({}) }, table: packageRevTable })],
  [packages, rules({ selectableFields: packageSelectors, table: packageTable })],
  [repositories, rules({ selectableFields: repositorySelectors, table: repositoryTable })],
  [functionConfigs, rules({ selectableFields: functionConfigSelectors, table: functionConfigTable })],
  [namespaces, rules({ selectableFields: namespaceSelectors, table: namespaceTable })],
  [secrets, rules({ selectableFields: secretSelectors, table: secretTable })],
  extractionOf(configMapKind),
  extractionOf(serviceAccountKind),
  extractionOf(eventKind),
  extractionOf(leaseKind),
  extractionOf(roleKind),
  extractionOf(clusterRoleKind),
  extractionOf(roleBindingKind),
  extractionOf(clusterRoleBindingKind),
]);

import type { ResourceDefinition } from '@porch/apiserver';
import type { Engine } from '../../engine/types.ts';
import { porchGroup, porchVersion } from '../../resources/group.ts';
import { type PackageRevision, packageRevisionSchema } from '../../resources/package-revision.ts';
import type { NamespaceGate } from '../namespace/gate.ts';
import { type ApprovalOptions, approvalStrategy } from './approval-strategy.ts';
import { spellOutRemovals } from './carry-over.ts';
import { packageRevisionSelectors } from './selectors.ts';
import { statusStrategy } from './status-strategy.ts';
import { packageRevisionStorage } from './storage.ts';
import { type PackageRevisionStrategyOptions, packageRevisionStrategy } from './strategy.ts';
import { packageRevisionTable } from './table.ts';
import { type ClusterCollection, publishedStays } from './without-owners.ts';

/** What the resource is made of. */
export interface PackageRevisionOptions extends PackageRevisionStrategyOptions, ApprovalOptions {
  readonly engine: Engine;
  readonly gate: NamespaceGate;
  /** Behind a kube-apiserver, whose garbage collector takes care of owners. */
  readonly collection?: ClusterCollection;
}

/** `packagerevisions.porch.kpt.dev`, with the subresources approval and status. */
export function packageRevisionDefinition(options: PackageRevisionOptions): ResourceDefinition<PackageRevision> {
  const { engine, gate, collection } = options;
  const storage = packageRevisionStorage(engine, gate, collection);
  const { get, update } = storage;
  return {
    group: porchGroup,
    version: porchVersion,
    plural: 'packagerevisions',
    singular: 'packagerevision',
    kind: 'PackageRevision',
    listKind: 'PackageRevisionList',
    namespaced: true,
    description: 'A revision of a package: a draft, a proposal, or a published one.',
    schema: packageRevisionSchema,
    strategy: packageRevisionStrategy(options),
    storage,
    subresources: [
      { name: 'approval', storage: { get, update }, strategy: approvalStrategy(options) },
      { name: 'status', storage: { get, update }, strategy: statusStrategy, status: true },
    ],
    table: packageRevisionTable,
    selectableFields: packageRevisionSelectors,
    default(object) {
      object.spec ??= {};
      object.status ??= {};
    },
    spellOutRemovals,
    composesNames: true,
    keptWithoutOwners: publishedStays,
    showsDeleted: true,
    strategicMergePatch: true,
  };
}

import { type BootstrapRole, type PolicyRule, rbacGroup, systemRoles } from '@porch/apiserver';
import { configGroup, porchGroup } from '../resources/group.ts';

const read = ['get', 'list', 'watch'];
const write = ['create', 'update', 'patch', 'delete', 'deletecollection'];
const change = ['update', 'patch'];

function rule(group: string, resources: string[], verbs: string[]): PolicyRule {
  return { apiGroups: [group], resources, verbs };
}

const viewing: readonly PolicyRule[] = [
  rule(porchGroup, ['packagerevisions', 'packagerevisionresources', 'packages'], read),
  rule(porchGroup, ['packagerevisions/approval', 'packagerevisions/status'], ['get']),
  rule(configGroup, ['repositories', 'packagerevs', 'functionconfigs'], read),
  rule(configGroup, ['repositories/status', 'functionconfigs/status'], ['get']),
  rule('', ['namespaces', 'configmaps', 'serviceaccounts', 'events'], read),
  rule('events.k8s.io', ['events'], read),
];

const editing: readonly PolicyRule[] = [
  rule(porchGroup, ['packagerevisions'], write),
  rule(porchGroup, ['packagerevisionresources', 'packagerevisions/status'], change),
  rule('', ['configmaps', 'events'], write),
  rule('events.k8s.io', ['events'], write),
];

/** Approving a proposed deletion deletes the package revision, as porchctl does. */
const approving: readonly PolicyRule[] = [
  rule(porchGroup, ['packagerevisions/approval'], change),
  rule(porchGroup, ['packagerevisions'], ['delete']),
];

const administering: readonly PolicyRule[] = [
  rule(configGroup, ['repositories', 'repositories/status', 'functionconfigs', 'functionconfigs/status'], write),
  rule('', ['secrets'], read),
  rule('', ['secrets', 'serviceaccounts', 'namespaces'], write),
  rule('', ['serviceaccounts/token'], ['create']),
  rule('coordination.k8s.io', ['leases'], [...read, ...write]),
  rule(rbacGroup, ['roles', 'rolebindings'], [...read, ...write]),
  rule(rbacGroup, ['clusterroles'], read),
  rule('authorization.k8s.io', ['localsubjectaccessreviews'], ['create']),
];

/** The ClusterRoles that every server has; bind the ones whose names begin with `porch-` to users. */
export const bootstrapRoles: readonly BootstrapRole[] = [
  ...systemRoles,
  {
    name: 'porch-viewer',
    description: 'See packages, repositories and what is in packages; no Secrets.',
    rules: viewing,
  },
  {
    name: 'porch-editor',
    description: 'See packages; create, change, propose and delete package revisions. Does not approve.',
    rules: [...viewing, ...editing],
  },
  {
    name: 'porch-approver',
    description: 'See packages; approve and reject proposed package revisions and deletions. Does not change contents.',
    rules: [...viewing, ...approving],
  },
  {
    name: 'porch-admin',
    description: 'Everything with packages, repositories, Secrets and the roles of namespaces.',
    rules: [...viewing, ...editing, ...approving, ...administering],
  },
];

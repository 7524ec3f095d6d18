import { ageColumn, column, nameColumn, wideColumn } from '../../core/columns.ts';
import type { ResourceKind } from '../../core/resource-kind.ts';
import { pathSegmentErrors } from '../../meta/names.ts';
import { ageCell, type TableConvertor } from '../../registry/resource.ts';
import { bindingStrategy, defaultBinding } from './binding-rules.ts';
import { clusterRoleStrategy, roleStrategy } from './role-rules.ts';
import { bindingSchema, clusterRoleSchema, roleSchema } from './schemas.ts';
import { type Binding, type ClusterRole, type Role, rbacGroup } from './types.ts';

const everyKind = {
  group: rbacGroup,
  version: 'v1',
  nameErrors: pathSegmentErrors,
  strategicMergePatch: true,
} as const;

const roleTable: TableConvertor<Role | ClusterRole> = {
  columns: [nameColumn, column('Created At', 'date', 'When it was created.')],
  cells: ({ metadata }) => [metadata.name ?? '', metadata.creationTimestamp ?? ''],
};

function names(binding: Binding, kind: string): string {
  return (binding.subjects ?? [])
    .filter((subject) => subject.kind === kind)
    .map(({ name, namespace = '' }) => (kind === 'ServiceAccount' ? `${namespace}/${name}` : name))
    .join(', ');
}

const bindingTable: TableConvertor<Binding> = {
  columns: [
    nameColumn,
    column('Role', 'string', 'The role that is bound.'),
    ageColumn,
    wideColumn('Users', 'string', 'Users who get what the role allows.'),
    wideColumn('Groups', 'string', 'Groups that get what the role allows.'),
    wideColumn('ServiceAccounts', 'string', 'Service accounts that get what the role allows.'),
  ],
  cells: (binding) => [
    binding.metadata.name ?? '',
    `${binding.roleRef.kind}/${binding.roleRef.name}`,
    ageCell,
    names(binding, 'User'),
    names(binding, 'Group'),
    names(binding, 'ServiceAccount'),
  ],
};

/** `roles`: rules for one namespace. */
export const roleKind: ResourceKind<Role> = {
  ...everyKind,
  plural: 'roles',
  singular: 'role',
  kind: 'Role',
  listKind: 'RoleList',
  namespaced: true,
  description: 'What may be done in a namespace, by whoever the role is bound to.',
  schema: roleSchema,
  strategy: roleStrategy,
  table: roleTable,
};

/** `clusterroles`: rules for the cluster, or for each namespace they are bound in. */
export const clusterRoleKind: ResourceKind<ClusterRole> = {
  ...everyKind,
  plural: 'clusterroles',
  singular: 'clusterrole',
  kind: 'ClusterRole',
  listKind: 'ClusterRoleList',
  namespaced: false,
  description: 'What may be done, everywhere or in the namespaces in which the role is bound.',
  schema: clusterRoleSchema,
  strategy: clusterRoleStrategy,
  table: roleTable,
};

/** `rolebindings`: who may do what in a namespace. */
export const roleBindingKind: ResourceKind<Binding> = {
  ...everyKind,
  plural: 'rolebindings',
  singular: 'rolebinding',
  kind: 'RoleBinding',
  listKind: 'RoleBindingList',
  namespaced: true,
  description: 'Gives users what a Role or ClusterRole allows, in the namespace of the binding.',
  schema: bindingSchema,
  strategy: bindingStrategy(true),
  table: bindingTable,
  default: defaultBinding,
};

/** `clusterrolebindings`: who may do what everywhere. */
export const clusterRoleBindingKind: ResourceKind<Binding> = {
  ...everyKind,
  plural: 'clusterrolebindings',
  singular: 'clusterrolebinding',
  kind: 'ClusterRoleBinding',
  listKind: 'ClusterRoleBindingList',
  namespaced: false,
  description: 'Gives users what a ClusterRole allows, everywhere.',
  schema: bindingSchema,
  strategy: bindingStrategy(false),
  table: bindingTable,
  default: defaultBinding,
};

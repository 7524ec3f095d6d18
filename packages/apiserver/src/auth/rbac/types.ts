import type { KubernetesObject } from '../../meta/object.ts';

/** The API group of roles and bindings. */
export const rbacGroup = 'rbac.authorization.k8s.io';

/** Group resources of the four kinds, as the store's keys have them. */
export const rbacResources = {
  roles: `roles.${rbacGroup}`,
  clusterRoles: `clusterroles.${rbacGroup}`,
  roleBindings: `rolebindings.${rbacGroup}`,
  clusterRoleBindings: `clusterrolebindings.${rbacGroup}`,
} as const;

/** What may be done: verbs on resources, or on paths that no resource stands for. `*` is everything. */
export interface PolicyRule {
  verbs: string[];
  apiGroups?: string[];
  /** `packagerevisions`, `packagerevisions/approval`, `*`, or a subresource of all resources: `*` `/status`. */
  resources?: string[];
  /** Names of the objects; empty for all. */
  resourceNames?: string[];
  /** Paths; a `*` at the end stands for whatever follows. */
  nonResourceURLs?: string[];
}

/** Rules that allow everything. */
export const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/** Rules for one namespace. */
export interface Role extends KubernetesObject {
  rules?: PolicyRule[];
}

/** A label selector as objects have it. */
export interface LabelSelectorFields {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

/** Rules for the cluster, or for each namespace it is bound in. */
export interface ClusterRole extends KubernetesObject {
  rules?: PolicyRule[];
  /** The rules are those of the ClusterRoles that one of these selects. */
  aggregationRule?: { clusterRoleSelectors?: LabelSelectorFields[] };
}

/** Who a role is bound to. */
export interface Subject {
  /** User, Group or ServiceAccount. */
  kind: string;
  apiGroup?: string;
  name: string;
  /** Of a ServiceAccount. */
  namespace?: string;
}

/** The role that is bound. */
export interface RoleRef {
  apiGroup: string;
  /** Role or ClusterRole. */
  kind: string;
  name: string;
}

/** A RoleBinding, which grants in its namespace, or a ClusterRoleBinding, which grants everywhere. */
export interface Binding extends KubernetesObject {
  subjects?: Subject[];
  roleRef: RoleRef;
}

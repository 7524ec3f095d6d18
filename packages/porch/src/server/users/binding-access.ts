import type { Binding } from '@porch/apiserver';

/** What managing users needs of the server's objects, whether it runs or not. */
export interface BindingAccess {
  /** Whether there is an object. `namespace` is empty for objects without one. */
  exists(resource: 'namespaces' | 'roles' | 'clusterroles', namespace: string, name: string): Promise<boolean>;
  /** Names of the ClusterRoles. */
  clusterRoles(): Promise<readonly string[]>;
  /** All RoleBindings and ClusterRoleBindings with a label. */
  bindings(label: string, value: string): Promise<readonly Binding[]>;
  /** Creates a binding; one that is already there stays as it is. */
  create(binding: Binding): Promise<void>;
  /** Removes a binding; one that is already gone is fine. */
  remove(binding: Binding): Promise<void>;
  close(): Promise<void>;
}

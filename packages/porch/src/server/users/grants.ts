import { type Binding, rbacGroup } from '@porch/apiserver';
import { StartupError } from '../startup-error.ts';
import type { BindingAccess } from './binding-access.ts';

const managedBy = 'app.kubernetes.io/managed-by';
const manager = 'porch-user';

/** A role that `porch user` has given to a user. */
export interface Grant {
  readonly user: string;
  readonly role: string;
  /** Empty: everywhere. */
  readonly namespace: string;
}

/** The roles of users, as ordinary bindings, which `kubectl get rolebindings` shows. */
export class Grants {
  readonly #access: BindingAccess;

  constructor(access: BindingAccess) {
    this.#access = access;
  }

  /** Gives a role. @throws StartupError when there is no such role or namespace */
  async add({ user, role, namespace }: Grant): Promise<void> {
    if (namespace !== '' && !(await this.#access.exists('namespaces', '', namespace))) {
      throw new StartupError(`there is no namespace ${namespace}; create it first, or leave out --namespace`);
    }
    const kind = await this.#kindOf(role, namespace);
    await this.#access.create({
      apiVersion: `${rbacGroup}/v1`,
      kind: namespace === '' ? 'ClusterRoleBinding' : 'RoleBinding',
      metadata: {
        name: `porch-user:${user}:${role}`,
        ...(namespace === '' ? {} : { namespace }),
        labels: { [managedBy]: manager },
      },
      subjects: [{ kind: 'User', apiGroup: rbacGroup, name: user }],
      roleRef: { apiGroup: rbacGroup, kind, name: role },
    });
  }

  /** All roles that were given this way. */
  async list(): Promise<readonly Grant[]> {
    return (await this.#access.bindings(managedBy, manager)).flatMap(grantsOf);
  }

  /** Takes all roles from a user that were given this way. */
  async removeAll(user: string): Promise<void> {
    for (const binding of await this.#access.bindings(managedBy, manager)) {
      if (grantsOf(binding).some((grant) => grant.user === user)) await this.#access.remove(binding);
    }
  }

  async #kindOf(role: string, namespace: string): Promise<'Role' | 'ClusterRole'> {
    if (await this.#access.exists('clusterroles', '', role)) return 'ClusterRole';
    if (namespace !== '' && (await this.#access.exists('roles', namespace, role))) return 'Role';
    const own = (await this.#access.clusterRoles()).filter((name) => name.startsWith('porch-'));
    throw new StartupError(`there is no role ${role}; choose one of ${own.join(', ')}, or create it first`);
  }
}

function grantsOf({ metadata: { namespace = '' }, roleRef, subjects = [] }: Binding): Grant[] {
  return subjects
    .filter(({ kind }) => kind === 'User')
    .map(({ name }) => ({ user: name, role: roleRef.name, namespace }));
}

import type { ServedEvent, ServedObject } from '../../storage/served-object.ts';
import type { WatchCache } from '../../storage/watch-cache-api.ts';
import { accountUserName } from '../service-accounts/account-claims.ts';
import type { UserInfo } from '../user.ts';
import { type Binding, type PolicyRule, type Role, type RoleRef, rbacResources, type Subject } from './types.ts';

/** A binding, as far as decisions need it. */
export interface BoundRole {
  /** For explanations: `RoleBinding "porch-viewers/default"`. */
  readonly title: string;
  readonly roleRef: RoleRef;
  /** The namespace in which it grants; empty for all. */
  readonly namespace: string;
}

/** A binding, and which of a user's names it is for: `Group "devs"`. */
export interface FoundBinding {
  readonly binding: BoundRole;
  readonly subject: string;
}

interface IndexedBinding extends BoundRole {
  readonly subjects: readonly string[];
}

type BySubject = Map<string, Set<IndexedBinding>>;

/** How subjects and users are found: a user by name, and by each group. Service accounts are users with a certain name. */
function subjectKey({ kind, name, namespace = '' }: Subject, bindingNamespace: string): string {
  if (kind !== 'ServiceAccount') return `${kind} ${name}`;
  return `User ${accountUserName(namespace === '' ? bindingNamespace : namespace, name)}`;
}

function subjectKeysOf(user: UserInfo): string[] {
  return [`User ${user.name}`, ...user.groups.map((group) => `Group ${group}`)];
}

function printSubject(key: string): string {
  const [, namespace, account] = /^User system:serviceaccount:([^:]+):([^:]+)$/.exec(key) ?? [];
  if (account !== undefined) return `ServiceAccount ${JSON.stringify(`${account}/${namespace}`)}`;
  const space = key.indexOf(' ');
  return `${key.slice(0, space)} ${JSON.stringify(key.slice(space + 1))}`;
}

function objectKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

/** Roles by name and bindings by whom they are for, kept up to date by the watch cache's events. Lookups are synchronous. */
export class RbacIndex {
  readonly #roles = new Map<string, readonly PolicyRule[]>();
  readonly #clusterRoles = new Map<string, readonly PolicyRule[]>();
  /** By namespace, empty for bindings that hold everywhere. */
  readonly #bySubject = new Map<string, BySubject>();
  readonly #bindings = new Map<string, IndexedBinding>();
  readonly #unwatch: (() => void)[];

  constructor(cache: Pick<WatchCache, 'list' | 'watch'>) {
    const kinds: [string, (object: ServedObject, gone: boolean) => void][] = [
      [rbacResources.roles, (object, gone) => this.#setRole(this.#roles, object, gone)],
      [rbacResources.clusterRoles, (object, gone) => this.#setRole(this.#clusterRoles, object, gone)],
      [rbacResources.roleBindings, (object, gone) => this.#setBinding(object, gone)],
      [rbacResources.clusterRoleBindings, (object, gone) => this.#setBinding(object, gone)],
    ];
    this.#unwatch = kinds.map(([resource, set]) => {
      const { items, revision } = cache.list(resource);
      for (const object of items) set(object, false);
      return cache.watch(resource, revision, ({ type, object }: ServedEvent) => set(object, type === 'DELETED'));
    });
  }

  /** Bindings that hold for a user: those for everywhere, then those of the namespace (empty: none). */
  *bindingsOf(user: UserInfo, namespace: string): Generator<FoundBinding> {
    const keys = subjectKeysOf(user);
    for (const scope of namespace === '' ? [''] : ['', namespace]) {
      const bySubject = this.#bySubject.get(scope);
      if (bySubject === undefined) continue;
      const seen = new Set<IndexedBinding>();
      for (const key of keys) {
        for (const binding of bySubject.get(key) ?? []) {
          if (seen.has(binding)) continue;
          seen.add(binding);
          yield { binding, subject: printSubject(key) };
        }
      }
    }
  }

  /** The rules of a role, or undefined when there is no such role. `namespace`: that of the binding. */
  rulesOf(roleRef: RoleRef, namespace: string): readonly PolicyRule[] | undefined {
    if (roleRef.kind === 'ClusterRole') return this.#clusterRoles.get(roleRef.name);
    return namespace === '' ? undefined : this.#roles.get(objectKey(namespace, roleRef.name));
  }

  /** Stops following changes. */
  close(): void {
    for (const unwatch of this.#unwatch) unwatch();
  }

  #setRole(roles: Map<string, readonly PolicyRule[]>, object: ServedObject, gone: boolean): void {
    const { namespace, name } = object.key;
    const key = namespace === '' ? name : objectKey(namespace, name);
    if (gone) roles.delete(key);
    else roles.set(key, object.decode<Role>().rules ?? []);
  }

  #setBinding(object: ServedObject, gone: boolean): void {
    const { namespace, name } = object.key;
    const key = objectKey(namespace, name);
    const old = this.#bindings.get(key);
    if (old !== undefined) {
      this.#bindings.delete(key);
      this.#eachSubject(old, (bindings) => bindings.delete(old));
    }
    if (gone) return;
    const { roleRef, subjects = [] } = object.decode<Binding>();
    const title =
      namespace === ''
        ? `ClusterRoleBinding ${JSON.stringify(name)}`
        : `RoleBinding ${JSON.stringify(`${name}/${namespace}`)}`;
    const keys = [...new Set(subjects.map((subject) => subjectKey(subject, namespace)))];
    const binding: IndexedBinding = { title, roleRef, namespace, subjects: keys };
    this.#bindings.set(key, binding);
    this.#eachSubject(binding, (bindings) => bindings.add(binding));
  }

  #eachSubject(binding: IndexedBinding, work: (bindings: Set<IndexedBinding>) => void): void {
    const bySubject = this.#bySubject.get(binding.namespace) ?? new Map<string, Set<IndexedBinding>>();
    for (const subject of binding.subjects) {
      const bindings = bySubject.get(subject) ?? new Set();
      work(bindings);
      if (bindings.size === 0) bySubject.delete(subject);
      else bySubject.set(subject, bindings);
    }
    if (bySubject.size === 0) this.#bySubject.delete(binding.namespace);
    else this.#bySubject.set(binding.namespace, bySubject);
  }
}

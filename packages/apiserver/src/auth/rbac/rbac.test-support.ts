import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { extractionOf, type ResourceKind, storedResource } from '../../core/resource-kind.ts';
import type { KubernetesObject } from '../../meta/object.ts';
import type { RequestContext } from '../../registry/resource.ts';
import { createStoreStorage } from '../../registry/store-storage.ts';
import { createWatchCache } from '../../storage/create-watch-cache.ts';
import { openSqliteStore } from '../../storage/sqlite/open.ts';
import type { Store } from '../../storage/store.ts';
import type { WatchCache } from '../../storage/watch-cache-api.ts';
import { createAuthorizerUnion, createMastersAuthorizer, type RuleResolver } from '../authorizer.ts';
import { systemMasters, type UserInfo } from '../user.ts';
import { createGrantGuard, type GrantGuard } from './grant-guard.ts';
import { clusterRoleBindingKind, clusterRoleKind, roleBindingKind, roleKind } from './kinds.ts';
import { createRbacAuthorizer } from './rbac-authorizer.ts';
import { RbacIndex } from './rbac-index.ts';
import {
  type Binding,
  type ClusterRole,
  type PolicyRule,
  type Role,
  type RoleRef,
  rbacGroup,
  type Subject,
} from './types.ts';

export const apiVersion = `${rbacGroup}/v1`;
export const write = { dryRun: false, fieldManager: 'test' };
export const signal = new AbortController().signal;
export const admin: UserInfo = { name: 'admin', groups: [systemMasters] };
export const jane: UserInfo = { name: 'jane', groups: ['dev', 'system:authenticated'] };

let directory: string;
export let store: Store;
export let cache: WatchCache;
export let index: RbacIndex;
export let authorizer: ReturnType<typeof createAuthorizerUnion>;
export let resolver: RuleResolver;
let guard: GrantGuard;

/** Each test of the file begins without roles and bindings. */
export function withRbac(): void {
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rbac-'));
    store = await openSqliteStore({ directory });
    const kinds = [
      roleKind,
      clusterRoleKind,
      roleBindingKind,
      clusterRoleBindingKind,
    ] as ResourceKind<KubernetesObject>[];
    cache = await createWatchCache({ store, definitions: new Map(kinds.map(extractionOf)) });
    index = new RbacIndex(cache);
    const rbac = createRbacAuthorizer(index);
    authorizer = createAuthorizerUnion([createMastersAuthorizer(), rbac]);
    resolver = rbac;
    guard = createGrantGuard(index, rbac);
  });

  afterEach(async () => {
    index.close();
    await store.close();
    await rm(directory, { recursive: true });
  });
}

export function context(user: UserInfo, namespace: string): RequestContext {
  return {
    user,
    namespace,
    signal,
    auditId: '',
    userAgent: '',
    warn: () => undefined,
    authorize: async (attributes) =>
      (await authorizer.authorize(user, { type: 'resource', subresource: '', ...attributes }, signal)).allowed,
  };
}

function storageOf<T extends KubernetesObject>(kind: ResourceKind<T>) {
  return createStoreStorage<T>({ store, cache, resource: storedResource(kind) });
}

/** The storages that hold writers to what they may grant. */
export const storages = {
  roles: () => guard.roles<Role>(storageOf(roleKind), 'roles'),
  clusterRoles: () => guard.roles<ClusterRole>(storageOf(clusterRoleKind), 'clusterroles'),
  roleBindings: () => guard.bindings(storageOf(roleBindingKind), 'rolebindings'),
  clusterRoleBindings: () => guard.bindings(storageOf(clusterRoleBindingKind), 'clusterrolebindings'),
};

export const rules = (verbs: string[], ...resources: string[]): PolicyRule[] => [{ verbs, apiGroups: [''], resources }];

export async function clusterRole(name: string, own: PolicyRule[], more: Partial<ClusterRole> = {}, by = admin) {
  const { metadata, ...fields } = more;
  const object = { apiVersion, kind: 'ClusterRole', metadata: { ...metadata, name }, rules: own, ...fields };
  await storages.clusterRoles().create(context(by, ''), object, write);
}

export async function role(namespace: string, name: string, own: PolicyRule[], by = admin) {
  const object = { apiVersion, kind: 'Role', metadata: { name, namespace }, rules: own };
  await storages.roles().create(context(by, namespace), object, write);
}

export const group = (name: string): Subject => ({ kind: 'Group', apiGroup: rbacGroup, name });
export const user = (name: string): Subject => ({ kind: 'User', apiGroup: rbacGroup, name });
const refer = (text: string): RoleRef => {
  const [kind = '', name = ''] = text.split('/');
  return { apiGroup: rbacGroup, kind, name };
};

/** `namespace` empty: for the cluster. */
export async function bind(namespace: string, name: string, roleRef: string, subjects: Subject[], by = admin) {
  const object: Binding = {
    apiVersion,
    kind: namespace === '' ? 'ClusterRoleBinding' : 'RoleBinding',
    metadata: { name, ...(namespace === '' ? {} : { namespace }) },
    subjects,
    roleRef: refer(roleRef),
  };
  const storage = namespace === '' ? storages.clusterRoleBindings() : storages.roleBindings();
  await storage.create(context(by, namespace), object, write);
}

export async function may(
  who: UserInfo,
  verb: string,
  resource: string,
  namespace: string,
  name = '',
): Promise<boolean> {
  const attributes = { type: 'resource', verb, group: '', resource, subresource: '', namespace, name } as const;
  return (await authorizer.authorize(who, attributes, signal)).allowed;
}

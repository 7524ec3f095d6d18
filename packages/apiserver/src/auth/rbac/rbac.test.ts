import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { extractionOf, type ResourceKind, storedResource } from '../../core/resource-kind.ts';
import type { KubernetesObject } from '../../meta/object.ts';
import type { RequestContext } from '../../registry/resource.ts';
import { createStoreStorage } from '../../registry/store-storage.ts';
import { createWatchCache } from '../../storage/create-watch-cache.ts';
import { openSqliteStore } from '../../storage/sqlite/open.ts';
import { type Store, StoreUnavailableError } from '../../storage/store.ts';
import type { WatchCache } from '../../storage/watch-cache-api.ts';
import { createAuthorizerUnion, createMastersAuthorizer, type RuleResolver } from '../authorizer.ts';
import { systemMasters, type UserInfo } from '../user.ts';
import { ClusterRoleAggregation } from './aggregation.ts';
import { ensureBootstrapRoles } from './bootstrap.ts';
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
  rbacResources,
  type Subject,
} from './types.ts';

const apiVersion = `${rbacGroup}/v1`;
const write = { dryRun: false, fieldManager: 'test' };
const signal = new AbortController().signal;
const admin: UserInfo = { name: 'admin', groups: [systemMasters] };
const jane: UserInfo = { name: 'jane', groups: ['dev', 'system:authenticated'] };

let directory: string;
let store: Store;
let cache: WatchCache;
let index: RbacIndex;
let authorizer: ReturnType<typeof createAuthorizerUnion>;
let resolver: RuleResolver;
let guard: GrantGuard;

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

function context(user: UserInfo, namespace: string): RequestContext {
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

const storages = {
  roles: () => guard.roles<Role>(storageOf(roleKind), 'roles'),
  clusterRoles: () => guard.roles<ClusterRole>(storageOf(clusterRoleKind), 'clusterroles'),
  roleBindings: () => guard.bindings(storageOf(roleBindingKind), 'rolebindings'),
  clusterRoleBindings: () => guard.bindings(storageOf(clusterRoleBindingKind), 'clusterrolebindings'),
};

const rules = (verbs: string[], ...resources: string[]): PolicyRule[] => [{ verbs, apiGroups: [''], resources }];

async function clusterRole(name: string, own: PolicyRule[], more: Partial<ClusterRole> = {}, by = admin) {
  const { metadata, ...fields } = more;
  const object = { apiVersion, kind: 'ClusterRole', metadata: { ...metadata, name }, rules: own, ...fields };
  await storages.clusterRoles().create(context(by, ''), object, write);
}

async function role(namespace: string, name: string, own: PolicyRule[], by = admin) {
  const object = { apiVersion, kind: 'Role', metadata: { name, namespace }, rules: own };
  await storages.roles().create(context(by, namespace), object, write);
}

const group = (name: string): Subject => ({ kind: 'Group', apiGroup: rbacGroup, name });
const user = (name: string): Subject => ({ kind: 'User', apiGroup: rbacGroup, name });
const refer = (text: string): RoleRef => {
  const [kind = '', name = ''] = text.split('/');
  return { apiGroup: rbacGroup, kind, name };
};

/** `namespace` empty: for the cluster. */
async function bind(namespace: string, name: string, roleRef: string, subjects: Subject[], by = admin) {
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

async function may(who: UserInfo, verb: string, resource: string, namespace: string, name = ''): Promise<boolean> {
  const attributes = { type: 'resource', verb, group: '', resource, subresource: '', namespace, name } as const;
  return (await authorizer.authorize(who, attributes, signal)).allowed;
}

describe('bindings', () => {
  test('hold in their namespace, or everywhere', async () => {
    await clusterRole('reader', rules(['get'], 'secrets'));
    await bind('team-a', 'jane', 'ClusterRole/reader', [user('jane')]);
    expect(await may(jane, 'get', 'secrets', 'team-a')).toBe(true);
    expect(await may(jane, 'get', 'secrets', 'team-b')).toBe(false);
    expect(await may(jane, 'get', 'secrets', '')).toBe(false);
    expect(await may(jane, 'list', 'secrets', 'team-a')).toBe(false);
    expect(await may({ name: 'dev', groups: ['jane'] }, 'get', 'secrets', 'team-a')).toBe(false);
    await bind('', 'dev', 'ClusterRole/reader', [group('dev')]);
    expect(await may(jane, 'get', 'secrets', 'team-b')).toBe(true);
    expect(await may(jane, 'get', 'secrets', '')).toBe(true);
  });

  test('follow changes of roles and bindings at once', async () => {
    await role('team-a', 'own', rules(['get'], 'secrets'));
    await bind('team-a', 'own', 'Role/own', [user('jane'), user('jane')]);
    expect(await may(jane, 'get', 'secrets', 'team-a')).toBe(true);
    const change = (current: Role | undefined): Role => ({ ...(current as Role), rules: rules(['list'], 'secrets') });
    await storages.roles().update(context(admin, 'team-a'), 'own', change, write);
    expect(await may(jane, 'get', 'secrets', 'team-a')).toBe(false);
    expect(await may(jane, 'list', 'secrets', 'team-a')).toBe(true);
    const move = (current: Binding | undefined): Binding => ({ ...(current as Binding), subjects: [user('joe')] });
    await storages.roleBindings().update(context(admin, 'team-a'), 'own', move, write);
    expect(await may(jane, 'list', 'secrets', 'team-a')).toBe(false);
    expect(await may({ name: 'joe', groups: [] }, 'list', 'secrets', 'team-a')).toBe(true);
    await storages.roleBindings().delete(context(admin, 'team-a'), 'own', write);
    expect(await may({ name: 'joe', groups: [] }, 'list', 'secrets', 'team-a')).toBe(false);
  });

  test('of service accounts hold for the users that these are', async () => {
    await clusterRole('reader', rules(['get'], 'secrets'));
    await bind('team-a', 'robot', 'ClusterRole/reader', [
      { kind: 'ServiceAccount', name: 'robot', namespace: 'tools' },
      { kind: 'ServiceAccount', name: 'local' },
    ]);
    const account = (name: string): UserInfo => ({ name: `system:serviceaccount:${name}`, groups: [] });
    expect(await may(account('tools:robot'), 'get', 'secrets', 'team-a')).toBe(true);
    expect(await may(account('team-a:local'), 'get', 'secrets', 'team-a')).toBe(true);
    expect(await may(account('team-a:robot'), 'get', 'secrets', 'team-a')).toBe(false);
  });

  test('explain what they allow, and name roles that are missing', async () => {
    await clusterRole('reader', rules(['get'], 'secrets'));
    await bind('team-a', 'ok', 'ClusterRole/reader', [user('jane')]);
    await bind('team-a', 'broken', 'Role/none', [user('jane')]);
    await bind('team-a', 'shared', 'ClusterRole/reader', [
      { kind: 'Group', name: 'devs' },
      { kind: 'ServiceAccount', name: 'robot', namespace: 'tools' },
    ]);
    const ask = (verb: string, who = jane) =>
      authorizer.authorize(
        who,
        { type: 'resource', verb, group: '', resource: 'secrets', subresource: '', namespace: 'team-a', name: '' },
        signal,
      );
    expect((await ask('get')).reason).toBe(
      'RBAC: allowed by RoleBinding "ok/team-a" of ClusterRole "reader" to User "jane"',
    );
    const shared = 'RBAC: allowed by RoleBinding "shared/team-a" of ClusterRole "reader" to';
    expect((await ask('get', { name: 'joe', groups: ['ops', 'devs'] })).reason).toBe(`${shared} Group "devs"`);
    const robot = { name: 'system:serviceaccount:tools:robot', groups: [] };
    expect((await ask('get', robot)).reason).toBe(`${shared} ServiceAccount "robot/tools"`);
    expect((await ask('list')).reason).toBe('RBAC: role.rbac.authorization.k8s.io "none" not found');
  });

  test('of paths hold for the cluster only', async () => {
    await clusterRole('metrics', [{ verbs: ['get'], nonResourceURLs: ['/metrics'] }]);
    await bind('team-a', 'metrics', 'ClusterRole/metrics', [user('jane')]);
    const ask = () => authorizer.authorize(jane, { type: 'path', verb: 'get', path: '/metrics' }, signal);
    expect((await ask()).allowed).toBe(false);
    expect(resolver.rulesFor(jane, 'team-a')).toEqual([]);
    await bind('', 'metrics', 'ClusterRole/metrics', [user('jane')]);
    expect((await ask()).allowed).toBe(true);
    expect(resolver.rulesFor(jane, 'team-a')).toHaveLength(1);
  });

  test('are known after a restart', async () => {
    await clusterRole('reader', rules(['get'], 'secrets'));
    await bind('team-a', 'jane', 'ClusterRole/reader', [user('jane')]);
    const again = new RbacIndex(cache);
    expect([...again.bindingsOf(jane, 'team-a')]).toHaveLength(1);
    again.close();
  });
});

describe('nobody grants more than they have', () => {
  const refused = {
    code: 403,
    message: expect.stringContaining('is attempting to grant RBAC permissions not currently held'),
  };

  beforeEach(async () => {
    await clusterRole('reader', rules(['get'], 'secrets'));
    await clusterRole('writer', rules(['get', 'update'], 'secrets'));
    await bind('team-a', 'jane', 'ClusterRole/reader', [user('jane')]);
  });

  test('by writing a role', async () => {
    await role('team-a', 'less', rules(['get'], 'secrets'), jane);
    await expect(role('team-a', 'more', rules(['get', 'delete'], 'secrets'), jane)).rejects.toMatchObject({
      code: 403,
      message:
        'roles.rbac.authorization.k8s.io "more" is forbidden: user "jane" (groups=["dev" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["delete"]}',
    });
    await expect(role('team-b', 'elsewhere', rules(['get'], 'secrets'), jane)).rejects.toMatchObject(refused);
    await expect(clusterRole('everywhere', rules(['get'], 'secrets'), {}, jane)).rejects.toMatchObject(refused);
  });

  test('by changing a role', async () => {
    await role('team-a', 'own', rules(['update'], 'secrets'));
    const update = (change: (current: Role) => Role) =>
      storages.roles().update(context(jane, 'team-a'), 'own', (current) => change(current as Role), write);
    await expect(update((own) => ({ ...own, rules: rules(['patch'], 'secrets') }))).rejects.toMatchObject(refused);
    const set = (metadata: Role['metadata']) => (own: Role) => ({ ...own, metadata: { ...own.metadata, ...metadata } });
    await expect(update(set({ labels: { a: 'b' } }))).rejects.toMatchObject(refused);
    await update(set({ finalizers: ['example.com/f'] }));
    await update(set({ ownerReferences: [{ apiVersion: 'v1', kind: 'Secret', name: 'o', uid: 'u' }] }));
    await update((own) => own);
    await update((own) => ({ ...own, rules: rules(['get'], 'secrets') }));
    await update(set({ labels: { a: 'b' } }));
  });

  test('by making a role a part of another', async () => {
    const labelling = rules(['patch', 'update'], 'clusterroles').map((rule) => ({ ...rule, apiGroups: [rbacGroup] }));
    await clusterRole('labeller', labelling);
    await bind('', 'labeller', 'ClusterRole/labeller', [user('jane')]);
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { to: 'all' } }] };
    await clusterRole('all', [], { aggregationRule });
    await bind('', 'all', 'ClusterRole/all', [user('jane')]);
    const update = (name: string, change: (current: ClusterRole) => ClusterRole) =>
      storages.clusterRoles().update(context(jane, ''), name, (current) => change(current as ClusterRole), write);
    const labelled = (role: ClusterRole) => ({ ...role, metadata: { ...role.metadata, labels: { to: 'all' } } });
    await expect(update('writer', labelled)).rejects.toMatchObject(refused);
    await expect(update('all', labelled)).rejects.toMatchObject(refused);
    await expect(update('all', ({ aggregationRule: _, ...role }) => role)).rejects.toMatchObject(refused);
  });

  test('by binding a role', async () => {
    await bind('team-a', 'less', 'ClusterRole/reader', [user('joe')], jane);
    await expect(bind('team-a', 'more', 'ClusterRole/writer', [user('joe')], jane)).rejects.toMatchObject(refused);
    await expect(bind('', 'all', 'ClusterRole/reader', [user('joe')], jane)).rejects.toMatchObject(refused);
    await expect(bind('team-a', 'none', 'Role/none', [user('joe')], jane)).rejects.toMatchObject({ code: 404 });
  });

  test('by joining a binding', async () => {
    await bind('team-a', 'writers', 'ClusterRole/writer', []);
    const join = (current: Binding | undefined): Binding => ({ ...(current as Binding), subjects: [user('jane')] });
    const update = (change: (current: Binding | undefined) => Binding) =>
      storages.roleBindings().update(context(jane, 'team-a'), 'writers', change, write);
    await expect(update(join)).rejects.toMatchObject(refused);
    await update((current) => current as Binding);
  });

  test('by an aggregated role', async () => {
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] };
    await expect(clusterRole('all', [], { aggregationRule }, jane)).rejects.toMatchObject(refused);
  });

  test('in a dry run', async () => {
    const object = { apiVersion, kind: 'Role', metadata: { name: 'r', namespace: 'team-a' }, rules: rules(['*'], '*') };
    const create = storages.roles().create(context(jane, 'team-a'), object, { ...write, dryRun: true });
    await expect(create).rejects.toMatchObject(refused);
  });

  test('unless they may escalate or bind it', async () => {
    const special: PolicyRule = {
      verbs: ['escalate'],
      apiGroups: [rbacGroup],
      resources: ['roles'],
      resourceNames: ['big'],
    };
    await role('team-a', 'special', [
      special,
      { ...special, verbs: ['bind'], resources: ['clusterroles'], resourceNames: ['writer'] },
      { ...special, verbs: ['bind'] },
    ]);
    await bind('team-a', 'special', 'Role/special', [user('jane')]);
    await role('team-a', 'big', rules(['*'], '*'), jane);
    await expect(role('team-a', 'bigger', rules(['*'], '*'), jane)).rejects.toMatchObject(refused);
    await bind('team-a', 'writers', 'ClusterRole/writer', [user('jane')], jane);
    expect(await may(jane, 'update', 'secrets', 'team-a')).toBe(true);
    await bind('team-a', 'bigs', 'Role/big', [user('jane')], jane);
    expect(await may(jane, 'delete', 'anything', 'team-a')).toBe(true);
  });
});

test('aggregated roles have the rules of those they select', async () => {
  const logger = pino({ level: 'silent' });
  const aggregation = new ClusterRoleAggregation({ store, cache, logger });
  const aggregationRule = {
    clusterRoleSelectors: [{ matchExpressions: [{ key: 'to', operator: 'In', values: ['all'] }] }],
  };
  // It selects itself, too, which must not keep what it once had.
  await clusterRole('all', [], { aggregationRule, metadata: { labels: { to: 'all' } } });
  await clusterRole('part', rules(['get'], 'secrets'), { metadata: { labels: { to: 'all' } } });
  await clusterRole('other', rules(['delete'], 'secrets'));
  await bind('', 'jane', 'ClusterRole/all', [user('jane')]);
  await aggregation.settled();
  expect(await may(jane, 'get', 'secrets', 'a')).toBe(true);
  expect(await may(jane, 'delete', 'secrets', 'a')).toBe(false);
  await storages.clusterRoles().delete(context(admin, ''), 'part', write);
  await aggregation.settled();
  expect(await may(jane, 'get', 'secrets', 'a')).toBe(false);
  await aggregation.close();
});

test('rules that several of the selected roles have are taken once, also very many of them', async () => {
  const aggregation = new ClusterRoleAggregation({ store, cache, logger: pino({ level: 'silent' }) });
  const many = Array.from({ length: 10_000 }, (_, index) => rules(['get'], `things${index}`)).flat();
  const reordered = many.map(({ verbs, ...rest }) => ({ ...rest, verbs }));
  const labelled = { metadata: { labels: { to: 'all' } } };
  await clusterRole('all', [], { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { to: 'all' } }] } });
  await clusterRole('part', many, labelled);
  await clusterRole('same', reordered, labelled);
  await aggregation.settled();
  const all = cache.get({ resource: rbacResources.clusterRoles, namespace: '', name: 'all' });
  expect(all?.decode<ClusterRole>().rules).toEqual(many);
  await aggregation.close();
});

test('very many rules can be asked for', async () => {
  await clusterRole('many', Array.from({ length: 150_000 }, () => rules(['get'], 'secrets')).flat());
  await bind('', 'jane', 'ClusterRole/many', [user('jane')]);
  expect(resolver.rulesFor(jane, '')).toHaveLength(150_000);
});

test('what could not be aggregated while the store was away is aggregated when it is back', async () => {
  const logger = pino({ level: 'silent' });
  const outages = 2;
  let attempts = 0;
  const commit: Store['commit'] = async (set) => {
    if (++attempts <= outages) throw new StoreUnavailableError('the database is away', false);
    return await store.commit(set);
  };
  const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { to: 'all' } }] };
  await clusterRole('all', [], { aggregationRule });
  await clusterRole('part', rules(['get'], 'secrets'), { metadata: { labels: { to: 'all' } } });
  await bind('', 'jane', 'ClusterRole/all', [user('jane')]);
  const aggregation = new ClusterRoleAggregation({ store: { commit }, cache, logger, retryMs: 1 });
  await aggregation.settled();
  expect([attempts, await may(jane, 'get', 'secrets', 'a')]).toEqual([outages + 1, true]);
  await aggregation.close();
});

describe('roles that every server has', () => {
  const options = () => ({ store, cache, now: () => new Date('2026-01-02T03:04:05Z') });
  const wanted = [
    { name: 'basic', description: 'Basics.', rules: rules(['get'], 'a'), groups: ['system:authenticated'] },
  ];

  test('are made once, and completed', async () => {
    await ensureBootstrapRoles(wanted, options());
    expect(await may(jane, 'get', 'a', '')).toBe(true);
    const { revision } = cache;
    await ensureBootstrapRoles(wanted, options());
    expect(cache.revision).toBe(revision);
    await ensureBootstrapRoles(
      [{ ...wanted[0], name: 'basic', description: '', rules: rules(['list'], 'a') }],
      options(),
    );
    expect([await may(jane, 'get', 'a', ''), await may(jane, 'list', 'a', '')]).toEqual([true, true]);
  });

  test('are made once by servers that start together', async () => {
    await Promise.all([1, 2, 3].map(() => ensureBootstrapRoles(wanted, options())));
    const more = [{ name: 'basic', description: '', rules: rules(['list'], 'a') }];
    await Promise.all([1, 2, 3].map(() => ensureBootstrapRoles(more, options())));
    expect([await may(jane, 'get', 'a', ''), await may(jane, 'list', 'a', '')]).toEqual([true, true]);
    const [role] = cache.list(rbacResources.clusterRoles).items;
    expect(role?.decode<ClusterRole>().rules).toHaveLength(2);
  });

  test('are left as they are where that is wanted', async () => {
    await ensureBootstrapRoles(wanted, options());
    const keep = (current: ClusterRole | undefined): ClusterRole => {
      const object = current as ClusterRole;
      const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' };
      return { ...object, metadata: { ...object.metadata, annotations }, rules: [] };
    };
    await storages.clusterRoles().update(context(admin, ''), 'basic', keep, write);
    await ensureBootstrapRoles(wanted, options());
    expect(await may(jane, 'get', 'a', '')).toBe(false);
  });
});

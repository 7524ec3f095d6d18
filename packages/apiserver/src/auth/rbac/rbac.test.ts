import { beforeEach, describe, expect, test } from 'vitest';
import type { UserInfo } from '../user.ts';
import {
  admin,
  apiVersion,
  authorizer,
  bind,
  cache,
  clusterRole,
  context,
  group,
  jane,
  may,
  resolver,
  role,
  rules,
  signal,
  storages,
  user,
  withRbac,
  write,
} from './rbac.test-support.ts';
import { RbacIndex } from './rbac-index.ts';
import { type Binding, type ClusterRole, type PolicyRule, type Role, rbacGroup } from './types.ts';

withRbac();

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

test('very many rules can be asked for', async () => {
  await clusterRole('many', Array.from({ length: 150_000 }, () => rules(['get'], 'secrets')).flat());
  await bind('', 'jane', 'ClusterRole/many', [user('jane')]);
  expect(resolver.rulesFor(jane, '')).toHaveLength(150_000);
});

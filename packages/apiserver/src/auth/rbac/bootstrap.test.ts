import { describe, expect, test } from 'vitest';
import { ensureBootstrapRoles } from './bootstrap.ts';
import { admin, cache, context, jane, may, rules, storages, store, withRbac, write } from './rbac.test-support.ts';
import { type ClusterRole, rbacResources } from './types.ts';

withRbac();

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

import { pino } from 'pino';
import { expect, test } from 'vitest';
import { type Store, StoreUnavailableError } from '../../storage/store.ts';
import { ClusterRoleAggregation } from './aggregation.ts';
import {
  admin,
  bind,
  cache,
  clusterRole,
  context,
  jane,
  may,
  rules,
  storages,
  store,
  user,
  withRbac,
  write,
} from './rbac.test-support.ts';
import { type ClusterRole, rbacResources } from './types.ts';

withRbac();

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

import { afterEach, beforeEach, expect, test } from 'vitest';
import { missingResources } from './missing-resources.ts';
import { missingPermissions, type RequiredRule } from './required-access.ts';
import {
  type Answer,
  type Asked,
  refused,
  type ScriptedCluster,
  scriptedCluster,
} from './scripted-cluster.test-support.ts';

let cluster: ScriptedCluster;
let answer: (asked: Asked) => Answer;
beforeEach(async () => {
  cluster = await scriptedCluster((asked) => answer(asked));
});
afterEach(() => cluster.close());

const rules: readonly RequiredRule[] = [
  { apiGroup: '', resource: 'secrets', verbs: ['get'] },
  { apiGroup: 'config.porch.kpt.dev', resource: 'repositories/status', verbs: ['get', 'patch'] },
  { apiGroup: '', resource: 'configmaps', verbs: ['get', 'list'], name: 'trust', namespace: 'kube-system' },
];

test('each verb of each rule is asked for, just where the rule holds', async () => {
  answer = () => ({ code: 201, body: { status: { allowed: true } } });
  expect(await missingPermissions(cluster.client, rules)).toEqual([]);
  const asked = cluster.asked.map(({ body }) => (body['spec'] as { resourceAttributes: object }).resourceAttributes);
  const group = 'config.porch.kpt.dev';
  const trust = { group: '', resource: 'configmaps', name: 'trust', namespace: 'kube-system' };
  const wanted = [
    { verb: 'get', group: '', resource: 'secrets' },
    { verb: 'get', group, resource: 'repositories', subresource: 'status' },
    { verb: 'patch', group, resource: 'repositories', subresource: 'status' },
    { verb: 'get', ...trust },
    { verb: 'list', ...trust },
  ];
  expect(asked).toHaveLength(wanted.length);
  expect(asked).toEqual(expect.arrayContaining(wanted));
});

test('what is refused is named as it stands in a manifest, without what is there', async () => {
  answer = ({ body }) => {
    const { verb, resource } = (body['spec'] as { resourceAttributes: { verb: string; resource: string } })
      .resourceAttributes;
    return { code: 201, body: { status: { allowed: resource !== 'secrets' && verb === 'get' } } };
  };
  expect((await missingPermissions(cluster.client, rules)).map(({ line }) => line)).toEqual([
    'missing permission, in a ClusterRole: {apiGroups: [""], resources: ["secrets"], verbs: ["get"]}',
    'missing permission, in a ClusterRole: {apiGroups: ["config.porch.kpt.dev"], resources: ["repositories/status"], verbs: ["patch"]}',
    'missing permission, in a Role in namespace kube-system: {apiGroups: [""], resources: ["configmaps"], resourceNames: ["trust"], verbs: ["list"]}',
  ]);
  answer = () => ({ code: 201, body: {} });
  expect(await missingPermissions(cluster.client, rules)).toHaveLength(3);
});

test('resources that are not served are named; all of them where their group is not there', async () => {
  const missing = () =>
    missingResources(cluster.client, 'config.porch.kpt.dev', 'v1alpha1', ['repositories', 'repositories/status']);
  answer = () => ({ body: { resources: [{ name: 'repositories' }] } });
  expect(await missing()).toEqual(['repositories/status']);
  answer = () => refused(404);
  expect(await missing()).toEqual(['repositories', 'repositories/status']);
  answer = () => refused(503);
  await expect(missing()).rejects.toMatchObject({ code: 503 });
});

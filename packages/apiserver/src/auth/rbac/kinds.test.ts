import { expect, test } from 'vitest';
import type { ResourceKind } from '../../core/resource-kind.ts';
import { fieldErrorMessage } from '../../meta/field-error.ts';
import type { KubernetesObject } from '../../meta/object.ts';
import type { RequestContext } from '../../registry/resource.ts';
import { decodeObject } from '../../schema/decode.ts';
import { clusterRoleBindingKind, clusterRoleKind, roleBindingKind, roleKind } from './kinds.ts';

const context = {} as RequestContext;

function refusals<T extends KubernetesObject>(kind: ResourceKind<T>, fields: object): string[] {
  const body = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: kind.kind, metadata: { name: 'a' }, ...fields };
  const { object, problems } = decodeObject<T>(kind, Buffer.from(JSON.stringify(body)), 'json');
  expect(problems).toEqual([]);
  return (kind.strategy.validate?.(context, object) ?? []).map(fieldErrorMessage);
}

test('rules say what they are for', () => {
  expect(refusals(roleKind, { rules: [{ verbs: ['get'], apiGroups: [''], resources: ['secrets'] }] })).toEqual([]);
  expect(refusals(roleKind, { rules: [{}] })).toEqual([
    'rules[0].verbs: Required value: verbs must contain at least one value',
    'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
    'rules[0].resources: Required value: resource rules must supply at least one resource',
  ]);
  const paths = { rules: [{ verbs: ['get'], nonResourceURLs: ['/api'] }] };
  expect(refusals(clusterRoleKind, paths)).toEqual([]);
  expect(refusals(roleKind, paths)).toEqual([
    'rules[0].nonResourceURLs: Invalid value: ["/api"]: namespaced rules cannot apply to non-resource URLs',
  ]);
  expect(refusals(clusterRoleKind, { rules: [{ ...paths.rules[0], resources: ['a'] }] })).toHaveLength(1);
});

test('aggregation rules select something', () => {
  const aggregation = (...clusterRoleSelectors: object[]) => ({ aggregationRule: { clusterRoleSelectors } });
  expect(refusals(clusterRoleKind, aggregation({ matchLabels: { a: 'b' } }))).toEqual([]);
  expect(refusals(clusterRoleKind, aggregation())).toHaveLength(1);
  expect(refusals(clusterRoleKind, aggregation({ matchExpressions: [{ key: 'a', operator: 'Near' }] }))).toEqual([
    'aggregationRule.clusterRoleSelectors[0].matchExpressions[0].operator: Unsupported value: "Near": supported values: "In", "NotIn", "Exists", "DoesNotExist"',
  ]);
});

test('bindings name a role and subjects, and the groups of both are filled in', () => {
  const roleRef = { kind: 'ClusterRole', name: 'r' };
  const subjects = [
    { kind: 'User', name: 'jane' },
    { kind: 'ServiceAccount', name: 's', namespace: 'n' },
  ];
  expect(refusals(roleBindingKind, { roleRef, subjects })).toEqual([]);
  expect(refusals(clusterRoleBindingKind, { roleRef: { kind: 'Role', name: 'r' } })).toEqual([
    'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
  ]);
  expect(refusals(clusterRoleBindingKind, { roleRef, subjects: [{ kind: 'ServiceAccount', name: 's' }] })).toEqual([
    'subjects[0].namespace: Required value',
  ]);
  expect(
    refusals(roleBindingKind, { roleRef: { kind: 'Role', name: 'a/b' }, subjects: [{ kind: 'Robot', name: 'x' }] }),
  ).toEqual([
    `roleRef.name: Invalid value: "a/b": may not contain '/'`,
    'subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"',
  ]);
});

test('names only have to fit into paths', () => {
  expect(roleKind.nameErrors?.('system:a B')).toEqual([]);
  for (const name of ['a/b', 'a%b', '.', '..']) expect(roleKind.nameErrors?.(name)).toHaveLength(1);
});

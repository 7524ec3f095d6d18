import type { Json } from '../harness/api-client.ts';
import { packagesPath, repositoriesPath, resourcesPath, revisionsPath } from '../harness/packages.ts';

/** One collection of the API, and what the fuzzer knows to send to it. */
export interface Target {
  readonly collection: string;
  /** Names of objects that are there, most of the time. */
  readonly names: readonly string[];
  readonly subresources: readonly string[];
  /** An object that could be created or replaced. */
  readonly template: Json;
}

const core = '/api/v1/namespaces/default';
const rbac = '/apis/rbac.authorization.k8s.io/v1';
const authorization = '/apis/authorization.k8s.io/v1';
const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }];

function named(apiVersion: string, kind: string, name: string, rest: Json = {}): Json {
  const { metadata, ...fields } = rest;
  return {
    apiVersion,
    kind,
    metadata: { name, labels: { app: 'fuzz' }, annotations: { note: 'x' }, finalizers: [], ...metadata },
    ...fields,
  };
}

function target(collection: string, name: string, template: Json, subresources: readonly string[] = []): Target {
  return { collection, names: [name], subresources, template };
}

/** Kinds that need nothing but the server. */
export const plainTargets: readonly Target[] = [
  target('/api/v1/namespaces', 'fuzz', named('v1', 'Namespace', 'fuzz'), ['status', 'finalize']),
  target(`${core}/secrets`, 'fuzz', named('v1', 'Secret', 'fuzz', { type: 'Opaque', data: { k: 'dg==' } })),
  target(
    `${core}/configmaps`,
    'fuzz',
    named('v1', 'ConfigMap', 'fuzz', { data: { k: 'v' }, binaryData: { b: 'dg==' } }),
  ),
  target(`${core}/serviceaccounts`, 'fuzz', named('v1', 'ServiceAccount', 'fuzz', { secrets: [{ name: 's' }] })),
  target(
    `${core}/events`,
    'fuzz',
    named('v1', 'Event', 'fuzz', {
      involvedObject: { kind: 'ConfigMap', name: 'fuzz', namespace: 'default' },
      reason: 'Fuzzed',
      message: 'm',
      type: 'Normal',
      count: 1,
      firstTimestamp: '2025-01-02T03:04:05Z',
    }),
  ),
  target(
    '/apis/coordination.k8s.io/v1/namespaces/default/leases',
    'fuzz',
    named('coordination.k8s.io/v1', 'Lease', 'fuzz', {
      spec: { holderIdentity: 'me', leaseDurationSeconds: 15, renewTime: '2025-01-02T03:04:05.000000Z' },
    }),
  ),
  target(`${rbac}/namespaces/default/roles`, 'fuzz', named('rbac.authorization.k8s.io/v1', 'Role', 'fuzz', { rules })),
  target(`${rbac}/clusterroles`, 'fuzz', named('rbac.authorization.k8s.io/v1', 'ClusterRole', 'fuzz', { rules })),
  ...(['RoleBinding', 'ClusterRoleBinding'] as const).map((kind) =>
    target(
      kind === 'RoleBinding' ? `${rbac}/namespaces/default/rolebindings` : `${rbac}/clusterrolebindings`,
      'fuzz',
      named('rbac.authorization.k8s.io/v1', kind, 'fuzz', {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'porch-viewer' },
        subjects: [{ kind: 'User', name: 'nobody', apiGroup: 'rbac.authorization.k8s.io' }],
      }),
    ),
  ),
  target(`${authorization}/selfsubjectaccessreviews`, '', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { verb: 'get', resource: 'configmaps', namespace: 'default' } },
  }),
  target(`${authorization}/subjectaccessreviews`, '', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user: 'jane',
      groups: ['g'],
      extra: { k: ['v'] },
      nonResourceAttributes: { verb: 'get', path: '/version' },
    },
  }),
  target(`${authorization}/selfsubjectrulesreviews`, '', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectRulesReview',
    spec: { namespace: 'default' },
  }),
  target('/apis/authentication.k8s.io/v1/selfsubjectreviews', '', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'SelfSubjectReview',
  }),
  target('/apis/authentication.k8s.io/v1/tokenreviews', '', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token: 'x', audiences: ['a'] },
  }),
];

/** Kinds of packages; `names` are those of package revisions in the repository. */
export function packageTargets(repository: Json, names: readonly string[]): readonly Target[] {
  const revision = named('porch.kpt.dev/v1alpha1', 'PackageRevision', names[0] ?? '', {
    spec: {
      repository: repository.metadata.name,
      packageName: 'fuzzed',
      workspaceName: 'w1',
      lifecycle: 'Draft',
      tasks: [{ type: 'init', init: { description: 'd', keywords: ['k'] } }],
      readinessGates: [{ conditionType: 'ready' }],
    },
    status: { conditions: [{ type: 'ready', status: 'True', reason: 'r', message: 'm' }] },
  });
  const resources = named('porch.kpt.dev/v1alpha1', 'PackageRevisionResources', names[0] ?? '', {
    spec: {
      packageName: 'fuzzed',
      repository: repository.metadata.name,
      resources: { Kptfile: 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: fuzzed\n', 'a.yaml': 'a: 1\n' },
    },
  });
  return [
    {
      collection: repositoriesPath,
      names: [repository.metadata.name],
      subresources: ['status'],
      template: repository,
    },
    { collection: revisionsPath, names, subresources: ['approval', 'status'], template: revision },
    { collection: resourcesPath, names, subresources: ['status'], template: resources },
    {
      collection: packagesPath,
      names: [`${repository.metadata.name}.fuzzed`],
      subresources: [],
      template: named('porch.kpt.dev/v1alpha1', 'Package', 'fuzz'),
    },
  ];
}

import type { RequiredRule } from '../../cluster/required-access.ts';
import { isShared } from '../database-url.ts';
import type { ClusterSettings, Settings } from '../settings.ts';
import { apiServiceName, controllersLease, webhookConfigurationName } from './names.ts';

/** What of the settings decides about what the server does in the cluster. */
export type RuleSettings = Pick<Settings, 'database'> & { readonly cluster: Pick<ClusterSettings, 'tls'> };

/** What the server does in a cluster, and so has to be allowed to. `namespace`: the one that it runs in. */
export function requiredRules(namespace: string, { database, cluster }: RuleSettings): readonly RequiredRule[] {
  return [
    { apiGroup: '', resource: 'namespaces', verbs: ['get', 'list', 'watch'] },
    { apiGroup: '', resource: 'secrets', verbs: ['get'], isLimitable: true },
    { apiGroup: '', resource: 'events', verbs: ['create', 'patch'] },
    { apiGroup: 'config.porch.kpt.dev', resource: 'repositories', verbs: ['get', 'list', 'watch', 'patch'] },
    { apiGroup: 'config.porch.kpt.dev', resource: 'repositories/status', verbs: ['patch'] },
    { apiGroup: 'config.porch.kpt.dev', resource: 'functionconfigs', verbs: ['list', 'watch'] },
    { apiGroup: 'config.porch.kpt.dev', resource: 'functionconfigs/status', verbs: ['patch'] },
    { apiGroup: 'authentication.k8s.io', resource: 'tokenreviews', verbs: ['create'] },
    { apiGroup: 'authorization.k8s.io', resource: 'subjectaccessreviews', verbs: ['create'] },
    {
      apiGroup: '',
      resource: 'configmaps',
      verbs: ['get', 'list', 'watch'],
      name: 'extension-apiserver-authentication',
      namespace: 'kube-system',
    },
    ...(cluster.tls.cert === '' ? ownAuthorityRules : []),
    ...(isShared(database) ? [] : electionRules(namespace)),
  ];
}

/** A server with an authority of its own tells the cluster of it. */
const ownAuthorityRules: readonly RequiredRule[] = [
  { apiGroup: 'apiregistration.k8s.io', resource: 'apiservices', verbs: ['patch'], name: apiServiceName },
  {
    apiGroup: 'admissionregistration.k8s.io',
    resource: 'validatingwebhookconfigurations',
    verbs: ['patch'],
    name: webhookConfigurationName,
  },
];

/** Servers that share no database agree by a Lease. */
function electionRules(namespace: string): readonly RequiredRule[] {
  return [
    { apiGroup: 'coordination.k8s.io', resource: 'leases', verbs: ['create'], namespace },
    {
      apiGroup: 'coordination.k8s.io',
      resource: 'leases',
      verbs: ['get', 'update'],
      name: controllersLease,
      namespace,
    },
  ];
}

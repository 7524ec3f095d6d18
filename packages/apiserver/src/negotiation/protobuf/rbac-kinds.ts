import type { MessageType } from './message.ts';
import { messageOf } from './message-of.ts';
import { objectMeta } from './object-meta.ts';

const policyRule = messageOf({
  1: ['verbs', 'string', 'repeated'],
  2: ['apiGroups', 'string', 'repeated'],
  3: ['resources', 'string', 'repeated'],
  4: ['resourceNames', 'string', 'repeated'],
  5: ['nonResourceURLs', 'string', 'repeated'],
});

const labelSelector = messageOf({
  1: ['matchLabels', { map: 'string' }],
  2: [
    'matchExpressions',
    messageOf({ 1: ['key', 'string'], 2: ['operator', 'string'], 3: ['values', 'string', 'repeated'] }),
    'repeated',
  ],
});

const binding = messageOf({
  1: ['metadata', objectMeta],
  2: [
    'subjects',
    messageOf({ 1: ['kind', 'string'], 2: ['apiGroup', 'string'], 3: ['name', 'string'], 4: ['namespace', 'string'] }),
    'repeated',
  ],
  3: ['roleRef', messageOf({ 1: ['apiGroup', 'string'], 2: ['kind', 'string'], 3: ['name', 'string'] })],
});

/** Kinds of rbac.authorization.k8s.io. */
export const rbacKinds: Readonly<Record<string, MessageType>> = {
  'rbac.authorization.k8s.io/v1 Role': messageOf({
    1: ['metadata', objectMeta],
    2: ['rules', policyRule, 'repeated'],
  }),
  'rbac.authorization.k8s.io/v1 ClusterRole': messageOf({
    1: ['metadata', objectMeta],
    2: ['rules', policyRule, 'repeated'],
    3: ['aggregationRule', messageOf({ 1: ['clusterRoleSelectors', labelSelector, 'repeated'] })],
  }),
  'rbac.authorization.k8s.io/v1 RoleBinding': binding,
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding': binding,
};

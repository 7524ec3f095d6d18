import Type from 'typebox';
import { fields } from '../../schema/fields.ts';

const atomic = { 'x-kubernetes-list-type': 'atomic' };

const policyRule = Type.Object(
  {
    verbs: Type.Array(Type.String(), {
      description: 'What may be done, for instance get; * for everything.',
      ...atomic,
    }),
    apiGroups: fields.texts('API groups of the resources; empty text for the core group, * for all.'),
    resources: fields.texts(
      'Resources, for instance packagerevisions, or subresources, packagerevisions/approval; * for all.',
    ),
    resourceNames: fields.texts('Names of the objects that are meant; all when empty.'),
    nonResourceURLs: fields.texts(
      'Paths that no resource stands for; a * at the end stands for the rest. Only in ClusterRoles.',
    ),
  },
  { description: 'Something that may be done.' },
);

const rules = fields.list(policyRule, 'What may be done.');

const labelSelector = Type.Object(
  {
    matchLabels: fields.textMap('Labels that the objects have.'),
    matchExpressions: fields.list(
      Type.Object(
        {
          key: Type.String({ description: 'Key of the label.' }),
          operator: Type.String({ description: 'In, NotIn, Exists or DoesNotExist.' }),
          values: fields.texts('Values for In and NotIn.'),
        },
        { description: 'A condition on one label.' },
      ),
      'Conditions that all hold.',
    ),
  },
  { description: 'Selects objects by their labels.', 'x-kubernetes-map-type': 'atomic' },
);

const subject = Type.Object(
  {
    kind: Type.String({ description: 'User, Group or ServiceAccount.' }),
    apiGroup: fields.text('rbac.authorization.k8s.io for users and groups, empty for service accounts.'),
    name: Type.String({ description: 'Name of the user, group or service account.' }),
    namespace: fields.text('Namespace of a service account.'),
  },
  { description: 'Who the role is bound to.', 'x-kubernetes-map-type': 'atomic' },
);

const roleRef = Type.Object(
  {
    apiGroup: Type.String({ description: 'Always rbac.authorization.k8s.io.' }),
    kind: Type.String({ description: 'Role or ClusterRole.' }),
    name: Type.String({ description: 'Name of the role.' }),
  },
  { description: 'The role. Cannot be changed.', 'x-kubernetes-map-type': 'atomic' },
);

/** Schema of Roles. */
export const roleSchema = Type.Object({ rules });

/** Schema of ClusterRoles. */
export const clusterRoleSchema = Type.Object({
  rules,
  aggregationRule: Type.Optional(
    Type.Object(
      { clusterRoleSelectors: fields.list(labelSelector, 'ClusterRoles that any of these selects give their rules.') },
      { description: 'Makes the rules those of other ClusterRoles; the server then keeps them up to date.' },
    ),
  ),
});

/** Schema of RoleBindings and ClusterRoleBindings. */
export const bindingSchema = Type.Object({
  subjects: fields.list(subject, 'Who gets what the role allows.'),
  roleRef,
});

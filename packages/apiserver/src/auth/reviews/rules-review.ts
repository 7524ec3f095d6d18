import Type from 'typebox';
import type { KubernetesObject } from '../../meta/object.ts';
import { statusErrors } from '../../meta/status.ts';
import type { AnyResourceDefinition } from '../../registry/resource.ts';
import { fields } from '../../schema/fields.ts';
import type { RuleResolver } from '../authorizer.ts';
import { authorizationGroup } from './access-reviews.ts';
import { reviewDefinition } from './review-definition.ts';

interface SelfSubjectRulesReview extends KubernetesObject {
  spec: { namespace?: string };
}

const verbs = Type.Array(Type.String(), { description: 'What may be done.' });

const status = Type.Object(
  {
    resourceRules: Type.Array(
      Type.Object({
        verbs,
        apiGroups: fields.texts('API groups of the resources.'),
        resources: fields.texts('Resources.'),
        resourceNames: fields.texts('Names of the objects; all when empty.'),
      }),
      { description: 'What may be done with resources.' },
    ),
    nonResourceRules: Type.Array(Type.Object({ verbs, nonResourceURLs: fields.texts('Paths.') }), {
      description: 'What may be done with paths.',
    }),
    incomplete: Type.Boolean({ description: 'Whether there may be more.' }),
    evaluationError: fields.text('What went wrong while this was decided.'),
  },
  { description: 'The answer. Set by the server.' },
);

/** The review that lists what one may do in a namespace. */
export function rulesReview(resolver: RuleResolver): AnyResourceDefinition {
  return reviewDefinition<SelfSubjectRulesReview>({
    group: authorizationGroup,
    plural: 'selfsubjectrulesreviews',
    kind: 'SelfSubjectRulesReview',
    description: 'Lists what whoever creates it may do in a namespace.',
    spec: Type.Object({ namespace: fields.text('The namespace.') }, { description: 'What is asked.' }),
    status,
    async answer({ user }, { spec: { namespace = '' } }) {
      if (namespace === '')
        throw statusErrors.badRequest('spec.namespace is missing: name the namespace that is meant');
      const rules = resolver.rulesFor(user, namespace);
      return {
        resourceRules: rules
          .filter(({ resources = [] }) => resources.length > 0)
          .map(({ verbs: allowed, apiGroups = [], resources = [], resourceNames = [] }) => ({
            verbs: allowed,
            apiGroups,
            resources,
            ...(resourceNames.length === 0 ? {} : { resourceNames }),
          })),
        nonResourceRules: rules
          .filter(({ nonResourceURLs = [] }) => nonResourceURLs.length > 0)
          .map(({ verbs: allowed, nonResourceURLs = [] }) => ({ verbs: allowed, nonResourceURLs })),
        incomplete: false,
      };
    },
  });
}

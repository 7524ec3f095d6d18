import Type from 'typebox';
import { type FieldError, fieldError } from '../../meta/field-error.ts';
import type { KubernetesObject } from '../../meta/object.ts';
import type { AnyResourceDefinition } from '../../registry/resource.ts';
import { fields } from '../../schema/fields.ts';
import type { Attributes, Authorizer } from '../authorizer.ts';
import type { UserInfo } from '../user.ts';
import { reviewDefinition } from './review-definition.ts';
import { accessStatusSchema, extraSchema, nonResourceAttributesSchema, resourceAttributesSchema } from './schemas.ts';

/** The API group of access reviews. */
export const authorizationGroup = 'authorization.k8s.io';

interface SelfSubjectAccessReview extends KubernetesObject {
  spec: {
    resourceAttributes?: {
      namespace?: string;
      verb?: string;
      group?: string;
      version?: string;
      resource?: string;
      subresource?: string;
      name?: string;
    };
    nonResourceAttributes?: { path?: string; verb?: string };
  };
}

interface SubjectAccessReview extends SelfSubjectAccessReview {
  spec: SelfSubjectAccessReview['spec'] & {
    user?: string;
    groups?: string[];
    uid?: string;
    extra?: Record<string, string[]>;
  };
}

const attributeFields = {
  resourceAttributes: Type.Optional(resourceAttributesSchema),
  nonResourceAttributes: Type.Optional(nonResourceAttributesSchema),
};

const subjectSpec = Type.Object(
  {
    ...attributeFields,
    user: fields.text('Name of the user.'),
    groups: fields.texts('Groups that the user is in.'),
    uid: fields.text('Tells users of the same name apart.'),
    extra: extraSchema('What else is known of the user.'),
  },
  { description: 'Who wants to do what.' },
);

function attributeErrors({ spec }: SelfSubjectAccessReview): FieldError[] {
  const both = spec.resourceAttributes !== undefined && spec.nonResourceAttributes !== undefined;
  const neither = spec.resourceAttributes === undefined && spec.nonResourceAttributes === undefined;
  if (!both && !neither) return [];
  const [field, detail] = both
    ? ['spec.nonResourceAttributes', 'cannot be specified in combination with resourceAttributes']
    : ['spec.resourceAttributes', 'exactly one of nonResourceAttributes or resourceAttributes must be specified'];
  return [fieldError.invalid(field, null, detail)];
}

function subjectErrors(review: SubjectAccessReview): FieldError[] {
  const errors = attributeErrors(review);
  const { user = '', groups = [] } = review.spec;
  if (user === '' && groups.length === 0) {
    errors.push(fieldError.invalid('spec.user', user, 'at least one of user or group must be specified'));
  }
  return errors;
}

function localErrors(review: SubjectAccessReview): FieldError[] {
  const errors = subjectErrors(review);
  const { resourceAttributes, nonResourceAttributes } = review.spec;
  if (nonResourceAttributes !== undefined) {
    const detail = 'disallowed on this kind of request';
    errors.push(fieldError.invalid('spec.nonResourceAttributes', nonResourceAttributes, detail));
  }
  const namespace = resourceAttributes?.namespace ?? '';
  if (namespace !== (review.metadata.namespace ?? '')) {
    const detail = `must match metadata.namespace: ${review.metadata.namespace ?? ''}`;
    errors.push(fieldError.invalid('spec.resourceAttributes.namespace', namespace, detail));
  }
  return errors;
}

function attributesOf({ resourceAttributes, nonResourceAttributes }: SelfSubjectAccessReview['spec']): Attributes {
  if (nonResourceAttributes !== undefined) {
    return { type: 'path', verb: nonResourceAttributes.verb ?? '', path: nonResourceAttributes.path ?? '' };
  }
  const {
    verb = '',
    group = '',
    version = '',
    resource = '',
    subresource = '',
    namespace = '',
    name = '',
  } = resourceAttributes ?? {};
  return { type: 'resource', verb, group, version, resource, subresource, namespace, name };
}

function userOf({ user = '', groups = [], uid, extra }: SubjectAccessReview['spec']): UserInfo {
  return { name: user, groups, ...(uid === undefined ? {} : { uid }), ...(extra === undefined ? {} : { extra }) };
}

/** The reviews that ask whether somebody may do something. */
export function accessReviews(authorizer: Authorizer): readonly AnyResourceDefinition[] {
  const decide = async (user: UserInfo, spec: SelfSubjectAccessReview['spec'], signal: AbortSignal) => {
    const { allowed, reason = '' } = await authorizer.authorize(user, attributesOf(spec), signal);
    return reason === '' ? { allowed } : { allowed, reason };
  };
  const common = { group: authorizationGroup, status: accessStatusSchema } as const;
  return [
    reviewDefinition<SelfSubjectAccessReview>({
      ...common,
      plural: 'selfsubjectaccessreviews',
      kind: 'SelfSubjectAccessReview',
      description: 'Asks whether whoever creates it may do something.',
      spec: Type.Object(attributeFields, { description: 'What is to be done.' }),
      refuse: attributeErrors,
      answer: ({ user, signal }, { spec }) => decide(user, spec, signal),
    }),
    reviewDefinition<SubjectAccessReview>({
      ...common,
      plural: 'subjectaccessreviews',
      kind: 'SubjectAccessReview',
      description: 'Asks whether somebody may do something.',
      spec: subjectSpec,
      refuse: subjectErrors,
      answer: ({ signal }, { spec }) => decide(userOf(spec), spec, signal),
    }),
    reviewDefinition<SubjectAccessReview>({
      ...common,
      plural: 'localsubjectaccessreviews',
      kind: 'LocalSubjectAccessReview',
      namespaced: true,
      description: 'Asks whether somebody may do something in the namespace of the review.',
      spec: subjectSpec,
      refuse: localErrors,
      answer: ({ signal }, { spec }) => decide(userOf(spec), spec, signal),
    }),
  ];
}

import type { MessageType } from './message.ts';
import { messageOf } from './message-of.ts';
import { objectMeta } from './object-meta.ts';

const requirement = messageOf({ 1: ['key', 'string'], 2: ['operator', 'string'], 3: ['values', 'string', 'repeated'] });
const selector = messageOf({ 1: ['rawSelector', 'string'], 2: ['requirements', requirement, 'repeated'] });

const resourceAttributes = messageOf({
  1: ['namespace', 'string'],
  2: ['verb', 'string'],
  3: ['group', 'string'],
  4: ['version', 'string'],
  5: ['resource', 'string'],
  6: ['subresource', 'string'],
  7: ['name', 'string'],
  8: ['fieldSelector', selector],
  9: ['labelSelector', selector],
});
const nonResourceAttributes = messageOf({ 1: ['path', 'string'], 2: ['verb', 'string'] });

const subjectAccessReview = messageOf({
  1: ['metadata', objectMeta],
  2: [
    'spec',
    messageOf({
      1: ['resourceAttributes', resourceAttributes],
      2: ['nonResourceAttributes', nonResourceAttributes],
      3: ['user', 'string'],
      4: ['groups', 'string', 'repeated'],
      5: ['extra', { map: 'strings' }],
      6: ['uid', 'string'],
    }),
  ],
});

const selfSubjectReview = messageOf({ 1: ['metadata', objectMeta] });

/** Kinds of authorization.k8s.io and authentication.k8s.io. What clients say of a review's status is not read. */
export const reviewKinds: Readonly<Record<string, MessageType>> = {
  'authorization.k8s.io/v1 SubjectAccessReview': subjectAccessReview,
  'authorization.k8s.io/v1 LocalSubjectAccessReview': subjectAccessReview,
  'authorization.k8s.io/v1 SelfSubjectAccessReview': messageOf({
    1: ['metadata', objectMeta],
    2: [
      'spec',
      messageOf({
        1: ['resourceAttributes', resourceAttributes],
        2: ['nonResourceAttributes', nonResourceAttributes],
      }),
    ],
  }),
  'authorization.k8s.io/v1 SelfSubjectRulesReview': messageOf({
    1: ['metadata', objectMeta],
    2: ['spec', messageOf({ 1: ['namespace', 'string'] })],
  }),
  'authentication.k8s.io/v1 SelfSubjectReview': selfSubjectReview,
  'authentication.k8s.io/v1 TokenRequest': messageOf({
    1: ['metadata', objectMeta],
    2: [
      'spec',
      messageOf({
        1: ['audiences', 'string', 'repeated'],
        3: [
          'boundObjectRef',
          messageOf({
            1: ['kind', 'string'],
            2: ['apiVersion', 'string'],
            3: ['name', 'string'],
            4: ['uid', 'string'],
          }),
        ],
        4: ['expirationSeconds', 'int'],
      }),
    ],
  }),
  'authentication.k8s.io/v1 TokenReview': messageOf({
    1: ['metadata', objectMeta],
    2: ['spec', messageOf({ 1: ['token', 'string'], 2: ['audiences', 'string', 'repeated'] })],
  }),
};

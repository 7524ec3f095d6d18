import Type from 'typebox';
import { fields } from '../../schema/fields.ts';

const selector = (description: string) =>
  Type.Optional(
    Type.Object(
      {
        rawSelector: fields.text('The selector as text.'),
        requirements: fields.list(
          Type.Object(
            {
              key: Type.String({ description: 'Field or label.' }),
              operator: Type.String({ description: 'In, NotIn, Exists or DoesNotExist.' }),
              values: fields.texts('Values for In and NotIn.'),
            },
            { description: 'A condition.' },
          ),
          'The selector as conditions.',
        ),
      },
      { description },
    ),
  );

/** What someone wants to do with a resource. */
export const resourceAttributesSchema = Type.Object(
  {
    namespace: fields.text('Namespace; empty for all, and for resources that have none.'),
    verb: fields.text('What is to be done, for instance get; * for everything.'),
    group: fields.text('API group of the resource; * for all.'),
    version: fields.text('API version of the resource; * for all.'),
    resource: fields.text('The resource, for instance packagerevisions; * for all.'),
    subresource: fields.text('The subresource, for instance approval.'),
    name: fields.text('Name of the object; empty for all.'),
    fieldSelector: selector('Limits the question to objects with these fields. Decisions here do not depend on it.'),
    labelSelector: selector('Limits the question to objects with these labels. Decisions here do not depend on it.'),
  },
  { description: 'What is to be done with a resource.' },
);

/** What someone wants to do with a path. */
export const nonResourceAttributesSchema = Type.Object(
  { path: fields.text('The path.'), verb: fields.text('The HTTP method in lower case.') },
  { description: 'What is to be done with a path that no resource stands for.' },
);

/** Groups, and further facts, of a user. */
export const extraSchema = (description: string) =>
  Type.Optional(Type.Record(Type.String(), Type.Array(Type.String()), { description }));

/** The answer to "may they?". */
export const accessStatusSchema = Type.Object(
  {
    allowed: Type.Boolean({ description: 'Whether it is allowed.' }),
    denied: fields.flag('Whether it is forbidden, rather than not allowed.'),
    reason: fields.text('Why.'),
    evaluationError: fields.text('What went wrong while this was decided.'),
  },
  { description: 'The answer. Set by the server.' },
);

/** Who somebody is. */
export const userInfoSchema = Type.Object(
  {
    username: fields.text('Name of the user.'),
    uid: fields.text('Tells users of the same name apart.'),
    groups: fields.texts('Groups that the user is in.'),
    extra: extraSchema('What else is known of the user.'),
  },
  { description: 'Who somebody is.' },
);

import Type from 'typebox';
import { type FieldError, fieldError } from '../../meta/field-error.ts';
import { type KubernetesObject, toTime } from '../../meta/object.ts';
import { statusErrors } from '../../meta/status.ts';
import type { ActionDefinition } from '../../registry/resource.ts';
import { fields } from '../../schema/fields.ts';
import { reviewDefinition } from '../reviews/review-definition.ts';
import { accountIssuer, type BoundObject } from './account-claims.ts';
import type { AccountTokens, BindablePlural } from './account-tokens.ts';

const hour = 3600;
/** As in Kubernetes: clients renew a token before it ends, and need time for it. */
const fewestSeconds = 600;
const mostSeconds = 2 ** 32;

interface TokenRequest extends KubernetesObject {
  spec: {
    audiences?: string[];
    expirationSeconds?: number;
    boundObjectRef?: { kind?: string; apiVersion?: string; name?: string; uid?: string };
  };
}

const spec = Type.Object(
  {
    audiences: fields.texts('Whom the token is for; the server itself where nobody is named.'),
    expirationSeconds: Type.Optional(
      Type.Integer({ description: 'For how long it is good, in seconds: 600 at least, an hour unless told.' }),
    ),
    boundObjectRef: Type.Optional(
      Type.Object(
        {
          kind: fields.text('Secret; there are no Pods and Nodes here.'),
          apiVersion: fields.text('v1.'),
          name: fields.text('Name of the object.'),
          uid: fields.text('UID of the object, where it has to be just this one.'),
        },
        { description: 'An object in the same namespace that the token ends with.' },
      ),
    ),
  },
  { description: 'What the token shall be like.' },
);

const status = Type.Object(
  {
    token: Type.String({ description: 'The token. Nobody can read it again.' }),
    expirationTimestamp: Type.String({ description: 'When it ends.', format: 'date-time' }),
  },
  { description: 'The answer. Set by the server.' },
);

function refuse({ spec: { expirationSeconds, boundObjectRef: bound } }: TokenRequest): readonly FieldError[] {
  const errors: FieldError[] = [];
  const seconds = 'spec.expirationSeconds';
  if (expirationSeconds !== undefined && expirationSeconds < fewestSeconds) {
    errors.push(fieldError.invalid(seconds, expirationSeconds, 'may not specify a duration less than 10 minutes'));
  }
  if (expirationSeconds !== undefined && expirationSeconds > mostSeconds) {
    errors.push(fieldError.invalid(seconds, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'));
  }
  if (bound === undefined) return errors;
  const { kind = '', apiVersion = '', name = '' } = bound;
  const reference = 'spec.boundObjectRef';
  if (kind !== 'Secret') errors.push(fieldError.notSupported(`${reference}.kind`, kind, ['Secret']));
  if (!['', 'v1'].includes(apiVersion)) {
    errors.push(fieldError.notSupported(`${reference}.apiVersion`, apiVersion, ['v1']));
  }
  if (name === '') errors.push(fieldError.required(`${reference}.name`));
  return errors;
}

/** `serviceaccounts/token`: makes a token of a service account (TokenRequest of `authentication.k8s.io/v1`). */
export function tokenAction(tokens: AccountTokens): ActionDefinition {
  const bind = async (plural: BindablePlural, namespace: string, name: string, wanted = ''): Promise<BoundObject> => {
    const uid = await tokens.uidOf(plural, namespace, name);
    if (uid === undefined) throw statusErrors.notFound({ group: '', resource: plural }, name);
    if (wanted !== '' && wanted !== uid) {
      const message = `the UID in the bound object reference (${wanted}) does not match the UID in record (${uid})`;
      throw statusErrors.conflict({ group: '', resource: plural }, name, message);
    }
    return { name, uid };
  };
  const request = reviewDefinition<TokenRequest>({
    group: 'authentication.k8s.io',
    plural: 'tokenrequests',
    kind: 'TokenRequest',
    namespaced: true,
    description: 'Asks for a token of a service account.',
    spec,
    status,
    refuse,
    async answer(_context, object) {
      const { namespace = '', name = '' } = object.metadata;
      const { audiences = [], expirationSeconds = hour, boundObjectRef: bound } = object.spec;
      const account = await bind('serviceaccounts', namespace, name);
      const secret = bound && (await bind('secrets', namespace, bound.name ?? '', bound.uid));
      const wanted = { audiences: audiences.length === 0 ? [accountIssuer] : audiences, seconds: expirationSeconds };
      const { token, end } = await tokens.issue({ namespace, account, secret, ...wanted });
      Object.assign(object.spec, { audiences: wanted.audiences, expirationSeconds });
      return { token, expirationTimestamp: toTime(end) };
    },
  });
  return { name: 'token', request };
}

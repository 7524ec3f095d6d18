import Type from 'typebox';
import { fieldError } from '../../meta/field-error.ts';
import type { KubernetesObject } from '../../meta/object.ts';
import { StatusError } from '../../meta/status.ts';
import type { AnyResourceDefinition } from '../../registry/resource.ts';
import { fields } from '../../schema/fields.ts';
import { withAuthenticatedGroup } from '../authenticators.ts';
import { accountIssuer } from '../service-accounts/account-claims.ts';
import type { ReviewedToken, TokenSource } from '../tokens/token-source.ts';
import { shownUser, type UserInfo } from '../user.ts';
import { reviewDefinition } from './review-definition.ts';
import { userInfoSchema } from './schemas.ts';

/** The API group of reviews of identities. */
const authenticationGroup = 'authentication.k8s.io';

interface TokenReview extends KubernetesObject {
  spec: { token?: string; audiences?: string[] };
}

/** The review that says who one is. */
export function selfSubjectReview(): AnyResourceDefinition {
  return reviewDefinition<KubernetesObject>({
    group: authenticationGroup,
    plural: 'selfsubjectreviews',
    kind: 'SelfSubjectReview',
    description: 'Asks who the server takes its creator for.',
    status: Type.Object({ userInfo: Type.Optional(userInfoSchema) }, { description: 'The answer. Set by the server.' }),
    answer: async ({ user }) => ({ userInfo: shownUser(user) }),
  });
}

async function review(
  source: TokenSource,
  token: string,
  audiences: readonly string[],
): Promise<ReviewedToken | { readonly user: UserInfo } | undefined> {
  if (audiences.length > 0 && source.userFor !== undefined) return source.userFor(token, audiences);
  // Tokens that name nobody are meant for this server.
  const meant = audiences.filter((audience) => audience === accountIssuer);
  if (audiences.length > 0 && meant.length === 0) return undefined;
  const user = await source.userOf(token);
  return user && (meant.length === 0 ? { user } : { user, audiences: meant });
}

/** The review that says whose token something is. The answer does not repeat the token. */
export function tokenReview(tokens: readonly TokenSource[]): AnyResourceDefinition {
  return reviewDefinition<TokenReview>({
    group: authenticationGroup,
    plural: 'tokenreviews',
    kind: 'TokenReview',
    description: 'Asks whether a bearer token is good, and whose it is.',
    spec: Type.Object(
      {
        token: fields.text('The token.'),
        audiences: fields.texts(
          'Who the token must be meant for; the server itself where nobody is named. Only those of service accounts can be for others.',
        ),
      },
      { description: 'What is asked.' },
    ),
    status: Type.Object(
      {
        authenticated: fields.flag('Whether the token is good.'),
        user: Type.Optional(userInfoSchema),
        audiences: fields.texts('Who the token is meant for.'),
        error: fields.text('Why the token could not be checked.'),
      },
      { description: 'The answer. Set by the server.' },
    ),
    refuse: ({ spec: { token = '' } }) => (token === '' ? [fieldError.required('spec.token')] : []),
    async answer(_context, { spec }) {
      const { token = '', audiences = [] } = spec;
      delete spec.token;
      try {
        for (const source of tokens) {
          const found = await review(source, token, audiences);
          if (found === undefined) continue;
          const { user, ...meant } = found;
          return { authenticated: true, user: shownUser(withAuthenticatedGroup(user)), ...meant };
        }
      } catch (error) {
        if (error instanceof StatusError && error.code === 401) return { authenticated: false, error: error.message };
        throw error;
      }
      return { authenticated: false };
    },
  });
}

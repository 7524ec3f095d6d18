import {
  type Authenticator,
  type Authorizer,
  createAuthenticatorUnion,
  createAuthorizerUnion,
  createBearerAuthenticator,
  createClientAuthorityAuthenticator,
  createFrontProxyAuthenticator,
  createMastersAuthorizer,
  createReviewedTokens,
  createReviewingAuthorizer,
} from '@porch/apiserver';
import type { Logger } from 'pino';
import type { ClusterClient } from '../../cluster/cluster-client.ts';
import type { DelegatedTrustSource } from '../../cluster/delegated-trust-source.ts';
import { clusterAccessReviewer, clusterTokenReviewer } from '../../cluster/reviews.ts';

/** Who asks, and what they may, as the cluster says. */
export interface DelegatedAccess {
  readonly authenticators: readonly Authenticator[];
  readonly authorizer: Authorizer;
}

/** Lets the cluster tell who asks and what they may. */
export function delegatedAccess(client: ClusterClient, trust: DelegatedTrustSource, logger: Logger): DelegatedAccess {
  const now = () => performance.now();
  const tokens = createReviewedTokens(clusterTokenReviewer(client), now);
  const believed = () => trust.current();
  return {
    authenticators: [
      createAuthenticatorUnion(
        [
          createFrontProxyAuthenticator(believed),
          createClientAuthorityAuthenticator(believed),
          createBearerAuthenticator([tokens]),
        ],
        (error) => logger.error({ err: error }, 'it could not be found out who makes a request'),
      ),
    ],
    authorizer: createAuthorizerUnion([
      createMastersAuthorizer(),
      createReviewingAuthorizer(clusterAccessReviewer(client), now),
    ]),
  };
}

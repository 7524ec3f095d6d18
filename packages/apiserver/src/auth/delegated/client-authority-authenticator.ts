import { statusErrors } from '../../meta/status.ts';
import { type Authenticator, withAuthenticatedGroup } from '../authenticators.ts';
import { subjectOf } from './certificate-subject.ts';
import type { DelegatedTrust } from './delegated-trust.ts';

/**
 * Identities from client certificates of authorities that may change while the server runs: the common name is the user, the
 * organizations are the groups. `now`: milliseconds since the epoch.
 */
export function createClientAuthorityAuthenticator(
  trust: () => DelegatedTrust,
  now: () => number = Date.now,
): Authenticator {
  return {
    async authenticate({ socket }) {
      if (socket?.getPeerX509Certificate() === undefined) return undefined;
      const certificate = trust().clients?.verifiedPeer(socket, now());
      if (certificate === undefined) {
        throw statusErrors.unauthorized(
          'Unauthorized: the client certificate has expired, or is not from an authority this server trusts',
        );
      }
      const { commonName, organizations } = subjectOf(certificate);
      if (commonName === '') throw statusErrors.unauthorized('Unauthorized: the client certificate has no common name');
      return withAuthenticatedGroup({ name: commonName, groups: organizations });
    },
  };
}

import type { IncomingHttpHeaders } from 'node:http';
import type { DetailedPeerCertificate, PeerCertificate, TLSSocket } from 'node:tls';
import { statusErrors } from '../meta/status.ts';
import { anonymous, systemAuthenticated, systemUnauthenticated, type UserInfo } from './user.ts';

/** What credentials are taken from. */
export interface AuthenticationRequest {
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as they came: what comes several times is not joined. */
  readonly rawHeaders: readonly string[];
  /** The connection the request came over; undefined where its certificate does not count. */
  readonly socket: Pick<TLSSocket, 'getPeerCertificate' | 'getPeerX509Certificate' | 'authorized'> | undefined;
}

/** One way to prove an identity. */
export interface Authenticator {
  /**
   * Who makes the request; undefined when it carries no credentials of this kind.
   * @throws StatusError 401 for credentials that are not good
   */
  authenticate(request: AuthenticationRequest): Promise<UserInfo | undefined>;
}

/** The values of a part of a certificate's subject, which has one or several. */
export function valuesOf(value: string | string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

/** Everyone who has proved who they are is also in the group of all authenticated users; a proxy may speak for nobody. */
export function withAuthenticatedGroup(user: UserInfo): UserInfo {
  if (user.name === anonymous.name || user.groups.includes(systemUnauthenticated)) return user;
  if (user.groups.includes(systemAuthenticated)) return user;
  return { ...user, groups: [...user.groups, systemAuthenticated] };
}

/**
 * Identities from client certificates that the TLS layer has verified against the client CA: the common name is the
 * user, the organizations are the groups. The outcome is remembered per connection, up to the certificate's end. `now`: milliseconds
 * since the epoch.
 */
export function createCertificateAuthenticator(now: () => number = Date.now): Authenticator {
  const known = new WeakMap<object, { readonly user: UserInfo; readonly until: number }>();

  const identify = (certificate: PeerCertificate | DetailedPeerCertificate): { user: UserInfo; until: number } => {
    const from = Date.parse(certificate.valid_from);
    const until = Date.parse(certificate.valid_to);
    if (!(now() >= from && now() < until)) {
      throw statusErrors.unauthorized('Unauthorized: the client certificate has expired or is not valid yet');
    }
    const name = valuesOf(certificate.subject.CN)[0];
    if (name === undefined || name === '') {
      throw statusErrors.unauthorized('Unauthorized: the client certificate has no common name');
    }
    return { user: withAuthenticatedGroup({ name, groups: [...new Set(valuesOf(certificate.subject.O))] }), until };
  };

  return {
    async authenticate({ socket }) {
      if (socket === undefined) return undefined;
      const remembered = known.get(socket);
      if (remembered !== undefined && now() < remembered.until) return remembered.user;
      const certificate = socket.getPeerCertificate();
      if (certificate === null || certificate.subject === undefined) return undefined;
      if (!socket.authorized) {
        throw statusErrors.unauthorized(
          'Unauthorized: the client certificate is not from an authority this server trusts',
        );
      }
      const identity = identify(certificate);
      known.set(socket, identity);
      return identity.user;
    },
  };
}

/** Asks each authenticator in turn; the first identity counts, and bad credentials end it. */
export function createAuthenticatorChain(authenticators: readonly Authenticator[]): Authenticator {
  return {
    async authenticate(request) {
      for (const authenticator of authenticators) {
        const user = await authenticator.authenticate(request);
        if (user !== undefined) return user;
      }
      return undefined;
    },
  };
}

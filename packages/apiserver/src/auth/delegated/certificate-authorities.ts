import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { certificatePattern } from '../certificates.ts';

/** The part of a TLS connection that tells who is at its other end. */
export type PeerSocket = Pick<TLSSocket, 'getPeerX509Certificate' | 'authorized'>;

const clientUsages: readonly string[] = ['1.3.6.1.5.5.7.3.2', '2.5.29.37.0'];
/** Longest chain from a client's certificate to an authority. */
const maxIntermediates = 4;

interface Verified {
  readonly certificate: X509Certificate;
  /** Until when every certificate of the chain is valid; milliseconds since the epoch. */
  readonly until: number;
}

function isValid(certificate: X509Certificate, now: number): boolean {
  return now >= Date.parse(certificate.validFrom) && now < Date.parse(certificate.validTo);
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/**
 * A bundle of certificate authorities, against which clients are verified one by one: the handshake knows only the union of all
 * bundles, and those of the time when the connection was made.
 */
export class CertificateAuthorities {
  /** The certificates, PEM. */
  readonly pem: readonly string[];
  readonly #authorities: readonly X509Certificate[];
  readonly #known = new WeakMap<object, Verified>();

  /** @throws Error when the text holds no certificate, or one that cannot be read */
  constructor(pem: string) {
    this.pem = pem.match(certificatePattern) ?? [];
    if (this.pem.length === 0) throw new Error('there is no PEM certificate');
    this.#authorities = this.pem.map((one) => new X509Certificate(one));
  }

  /**
   * The client's certificate if it leads to one of the authorities, everything on the way is valid now, and it may be used by
   * clients (RFC 5280). Intermediate certificates count only when the handshake has verified them too, since that looks at
   * limits of length and name. (Node.js 24 does not tell of any, so that none counts there.) The outcome is remembered for each connection.
   * `now`: milliseconds since the epoch.
   */
  verifiedPeer(socket: PeerSocket, now: number): X509Certificate | undefined {
    const known = this.#known.get(socket);
    if (known !== undefined && now < known.until) return known.certificate;
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) return undefined;
    const usages = certificate.keyUsage;
    if (usages !== undefined && !usages.some((usage) => clientUsages.includes(usage))) return undefined;
    const until = this.#validUntil(certificate, socket.authorized ? maxIntermediates : 0, now);
    if (until === undefined) return undefined;
    this.#known.set(socket, { certificate, until });
    return certificate;
  }

  #validUntil(certificate: X509Certificate, intermediates: number, now: number): number | undefined {
    if (!isValid(certificate, now)) return undefined;
    const end = Date.parse(certificate.validTo);
    const authority = this.#authorities.find((one) => isValid(one, now) && isIssuedBy(certificate, one));
    if (authority !== undefined) return Math.min(end, Date.parse(authority.validTo));
    const issuer = certificate.issuerCertificate;
    if (intermediates === 0 || issuer === undefined || !isIssuedBy(certificate, issuer)) return undefined;
    const rest = this.#validUntil(issuer, intermediates - 1, now);
    return rest === undefined ? undefined : Math.min(end, rest);
  }
}

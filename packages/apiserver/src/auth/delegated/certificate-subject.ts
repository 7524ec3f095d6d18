import type { X509Certificate } from 'node:crypto';
import { valuesOf } from '../authenticators.ts';

/** What the subject of a certificate says. */
export interface CertificateSubject {
  /** Empty when there is none. */
  readonly commonName: string;
  readonly organizations: readonly string[];
}

/** The subject of a certificate, as identities are made of it: the common name is a user, organizations are groups. */
export function subjectOf(certificate: X509Certificate): CertificateSubject {
  const { subject } = certificate.toLegacyObject();
  return { commonName: valuesOf(subject?.CN)[0] ?? '', organizations: [...new Set(valuesOf(subject?.O))] };
}

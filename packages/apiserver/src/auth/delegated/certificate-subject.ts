import type { X509Certificate } from 'node:crypto';

/** What the subject of a certificate says. */
export interface CertificateSubject {
  /** Empty when there is none. */
  readonly commonName: string;
  readonly organizations: readonly string[];
}

function all(value: string | string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

/** The subject of a certificate, as identities are made of it: the common name is a user, organizations are groups. */
export function subjectOf(certificate: X509Certificate): CertificateSubject {
  const { subject } = certificate.toLegacyObject();
  return { commonName: all(subject?.CN)[0] ?? '', organizations: [...new Set(all(subject?.O))] };
}

import { X509Certificate } from 'node:crypto';
import { type Authority, type KeyPair, openAuthority } from '../certificates.ts';
import { installReflectMetadata } from '../reflect-metadata.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 24 * 3_600_000;

/** A certificate that no careful authority would issue, for tests of what is believed. */
export interface WantedCertificate {
  readonly name: string;
  readonly groups?: readonly string[];
  readonly days?: number;
  /** Whom it names as its issuer; itself unless told. */
  readonly issuer?: KeyPair;
  /** Whose key signs it: that of the issuer unless told, and its own where it names none. */
  readonly signer?: KeyPair;
  /** Whether it may sign others, and how many may stand between it and the last one. */
  readonly authority?: { readonly length: number };
}

/** Issues whatever is wanted. It says nothing of what its key may be used for, unless it is an authority's. */
export async function issueAny({ days = 1, groups = [], ...wanted }: WantedCertificate): Promise<KeyPair> {
  installReflectMetadata();
  const x509 = await import('@peculiar/x509');
  const { issuer, signer = issuer, authority } = wanted;
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const named = issuer && new x509.X509Certificate(issuer.certificate);
  const signingKey =
    signer === undefined
      ? keys.privateKey
      : await crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(signer.key), algorithm, false, ['sign']);
  const subject = [...groups.map((group) => ({ O: [group] })), { CN: [wanted.name] }];
  const { keyCertSign, cRLSign } = x509.KeyUsageFlags;
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer: named === undefined ? subject : named.subjectName.toJSON(),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + days * dayMs),
    extensions: [
      new x509.BasicConstraintsExtension(authority !== undefined, authority?.length, true),
      ...(authority === undefined ? [] : [new x509.KeyUsagesExtension(keyCertSign | cRLSign, true)]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...(named === undefined ? [] : [await x509.AuthorityKeyIdentifierExtension.create(named.publicKey)]),
    ],
  });
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { certificate: `${certificate.toString('pem')}\n`, key };
}

/** An authority that is valid for so many days, and one that it has put in charge for twice as long. `length`: see `WantedCertificate`. */
export async function createChain(
  days: number,
  length = 1,
): Promise<{ readonly root: KeyPair; readonly below: Authority }> {
  const root = await issueAny({ name: 'root', days, authority: { length } });
  const below = await issueAny({ name: 'below', days: 2 * days, issuer: root, authority: { length: 0 } });
  return { root, below: openAuthority(below) };
}

/** A certificate that says it comes from an authority, key and all, and does not. */
export async function forge(authority: KeyPair, name: string, groups: readonly string[]): Promise<KeyPair> {
  const signer = await issueAny({ name: 'signer' });
  const forged = await issueAny({ name, groups, days: 365, issuer: authority, signer });
  const looksIssued = new X509Certificate(forged.certificate).checkIssued(new X509Certificate(authority.certificate));
  if (!looksIssued) throw new Error('the forgery is a bad one');
  return forged;
}

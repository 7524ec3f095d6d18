import type { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import type { X509CertificateCreateParamsBase } from '@peculiar/x509';
import { installReflectMetadata } from './reflect-metadata.ts';

/** Each certificate of a bundle in PEM. */
export const certificatePattern = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** A certificate and its private key, PEM (PKCS #8 for the key). */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** Issues certificates of one certificate authority (ECDSA P-256, SHA-256), for a year unless told. None ends later than the authority. */
export interface Authority extends KeyPair {
  /** For TLS servers. `hosts` are DNS names and IP addresses; at least one. @throws Error without any */
  issueServerCertificate(options: { readonly hosts: readonly string[]; readonly days?: number }): Promise<KeyPair>;
  /** For identities: the name becomes the common name, the groups the organizations. @throws Error for an empty name */
  issueClientCertificate(options: {
    readonly name: string;
    readonly groups: readonly string[];
    readonly days?: number;
  }): Promise<KeyPair>;
}

const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 24 * 60 * 60 * 1000;

/** Loaded when the first certificate is made: a server that only presents certificates never pays for it. */
async function loadX509(): Promise<typeof import('@peculiar/x509')> {
  installReflectMetadata();
  return await import('@peculiar/x509');
}

type X509 = Awaited<ReturnType<typeof loadX509>>;

type Validity = Required<Pick<X509CertificateCreateParamsBase, 'notBefore' | 'notAfter'>>;

/** Begins a little in the past, so that clocks which lag behind accept a certificate that was just made. */
function validity(now: Date, days: number): Validity {
  return { notBefore: new Date(now.getTime() - 5 * 60 * 1000), notAfter: new Date(now.getTime() + days * dayMs) };
}

async function keyPem(x509: X509, key: webcrypto.CryptoKey): Promise<string> {
  const der = await crypto.subtle.exportKey('pkcs8', key);
  return `${x509.PemConverter.encode(der, 'PRIVATE KEY')}\n`;
}

async function importKey(x509: X509, pem: string): Promise<webcrypto.CryptoKey> {
  return await crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), keyAlgorithm, false, ['sign']);
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return (await crypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
}

async function issue(
  x509: X509,
  authority: KeyPair,
  subject: Record<string, string[]>[],
  usage: 'serverAuth' | 'clientAuth',
  names: { type: 'dns' | 'ip'; value: string }[],
  { notBefore, notAfter }: Validity,
): Promise<KeyPair> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer: issuer.subjectName.toJSON(),
    publicKey: keys.publicKey,
    signingKey: await importKey(x509, authority.key),
    signingAlgorithm: keyAlgorithm,
    notBefore,
    notAfter: notAfter < issuer.notAfter ? notAfter : issuer.notAfter,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[usage]]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: await keyPem(x509, keys.privateKey) };
}

/** The authority that an existing certificate and key stand for. They are not looked at until it issues something. */
export function openAuthority(pair: KeyPair, now: () => Date = () => new Date()): Authority {
  return {
    certificate: pair.certificate,
    key: pair.key,
    async issueServerCertificate({ hosts, days = 365 }) {
      const first = hosts[0];
      if (first === undefined) throw new Error('a server certificate needs at least one host');
      const names = hosts.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value }));
      return await issue(await loadX509(), pair, [{ CN: [first] }], 'serverAuth', names, validity(now(), days));
    },
    async issueClientCertificate({ name, groups, days = 365 }) {
      if (name === '') throw new Error('a client certificate needs a user name');
      const subject = [...groups.map((group) => ({ O: [group] })), { CN: [name] }];
      return await issue(await loadX509(), pair, subject, 'clientAuth', [], validity(now(), days));
    },
  };
}

/** Makes a new certificate authority. `days`: how long it is valid, ten years unless told. */
export async function createAuthority(options: {
  readonly name: string;
  readonly days?: number;
  readonly now?: () => Date;
}): Promise<Authority> {
  const x509 = await loadX509();
  const now = options.now ?? (() => new Date());
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [options.name] }],
    keys,
    signingAlgorithm: keyAlgorithm,
    ...validity(now(), options.days ?? 3650),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return openAuthority(
    { certificate: `${certificate.toString('pem')}\n`, key: await keyPem(x509, keys.privateKey) },
    now,
  );
}

import type { webcrypto } from 'node:crypto';
import { type Authority, type KeyPair, openAuthority } from '../certificates.ts';
import { installReflectMetadata } from '../reflect-metadata.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 24 * 3_600_000;

/** An authority that is valid for so many days, and one that it has put in charge for twice as long. */
export async function createChain(days: number): Promise<{ readonly root: KeyPair; readonly below: Authority }> {
  installReflectMetadata();
  const x509 = await import('@peculiar/x509');
  const make = async (name: string, issuer: { name: string; key: webcrypto.CryptoKey } | undefined, length: number) => {
    const keys = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
    const certificate = await x509.X509CertificateGenerator.create({
      subject: `CN=${name}`,
      issuer: `CN=${issuer?.name ?? name}`,
      publicKey: keys.publicKey,
      signingKey: issuer?.key ?? keys.privateKey,
      signingAlgorithm: algorithm,
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + (issuer === undefined ? days : 2 * days) * dayMs),
      extensions: [
        new x509.BasicConstraintsExtension(true, length, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
    return { name, pair: { certificate: `${certificate.toString('pem')}\n`, key }, key: keys.privateKey };
  };
  const root = await make('root', undefined, 1);
  const below = await make('below', root, 0);
  return { root: root.pair, below: openAuthority(below.pair) };
}

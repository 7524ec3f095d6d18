import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { type Authority, type KeyPair, systemMasters } from '@porch/apiserver';
import type { Logger } from 'pino';
import type { DataFiles } from '../data-files.ts';
import { type AuthorityPlace, type CurrentAuthorities, openAuthorities } from './authorities.ts';
import { pairProblem, readPair, showBundle, writePair } from './key-pair-files.ts';

/** Certificates are renewed when less than this is left of them. */
const renewBeforeMs = 30 * 24 * 60 * 60 * 1000;

/** Names and addresses under which a server on this machine is always reached. */
const ownHosts = ['localhost', '127.0.0.1', '::1'];

/** What the server proves itself with. */
export interface ServingIdentity {
  readonly server: KeyPair;
  /** Certificates of the authorities that clients verify it by, and whose client certificates are good; PEM. */
  readonly bundle: string;
}

/** The same, and what it believes. */
export interface Identity extends ServingIdentity {
  /** The administrator that the kubeconfig names. */
  readonly admin: KeyPair;
  /** The authority that signs. */
  readonly signer: KeyPair;
}

/** What identities are made of. */
export interface IdentityParts {
  readonly files: DataFiles;
  readonly place: AuthorityPlace;
  /** Names and addresses that the server's certificate must have beside those of this machine. */
  readonly hosts: readonly string[];
  readonly clock: () => Date;
  readonly logger: Logger;
}

/**
 * The certificate authorities and the server's certificate: made at the first start, kept afterwards, renewed before they end. The
 * server's certificate is made again when it does not cover all `hosts`, another authority signs now, or its files are damaged.
 */
export async function openServing(parts: IdentityParts): Promise<ServingIdentity> {
  const { server, bundle } = await openSigned(parts);
  return { server, bundle };
}

/** The same, and the administrator's certificate, which is made and renewed likewise. */
export async function openIdentity(parts: IdentityParts): Promise<Identity> {
  const { server, bundle, signer } = await openSigned(parts);
  const admin = await openOrIssue(parts, 'admin', signer, [], () =>
    signer.issueClientCertificate({ name: 'admin', groups: [systemMasters] }),
  );
  // Without what it can do, so that identities of the same certificates are equal.
  const { certificate, key } = signer;
  return { server, bundle, admin, signer: { certificate, key } };
}

async function openSigned(parts: IdentityParts): Promise<CurrentAuthorities & ServingIdentity> {
  const { files, place, hosts, clock, logger } = parts;
  const { signer, bundle } = await openAuthorities(place, clock, logger);
  await place.showSigner?.(signer);
  await showBundle(files, bundle);
  const wanted = [...new Set([...ownHosts, ...hosts])];
  const server = await openOrIssue(parts, 'server', signer, wanted, () =>
    signer.issueServerCertificate({ hosts: wanted }),
  );
  return { signer, bundle, server };
}

async function openOrIssue(
  { files, clock, logger }: IdentityParts,
  name: string,
  signer: Authority,
  hosts: readonly string[],
  issue: () => Promise<KeyPair>,
): Promise<KeyPair> {
  const known = await readPair(files, name);
  const problem = known === undefined ? undefined : pairProblem(known);
  if (problem !== undefined) {
    logger.warn(
      `the certificate ${join(files.pki, `${name}.crt`)} and its key are damaged: ${problem}; making new ones`,
    );
  } else if (known !== undefined && isGood(new X509Certificate(known.certificate), signer, hosts, clock()))
    return known;
  const pair = await issue();
  await writePair(files, name, pair);
  return pair;
}

function isGood(certificate: X509Certificate, signer: Authority, hosts: readonly string[], now: Date): boolean {
  const issuer = new X509Certificate(signer.certificate);
  const end = Date.parse(certificate.validTo);
  // No certificate outlives its authority: a new one would end no later.
  const isLongEnough = end - now.getTime() > renewBeforeMs || end === Date.parse(issuer.validTo);
  // One that was made while the clock was ahead is good for nobody until then.
  const hasBegun = Date.parse(certificate.validFrom) <= now.getTime();
  const isSigned = certificate.verify(issuer.publicKey);
  return isLongEnough && hasBegun && isSigned && hosts.every((host) => isFor(certificate, host));
}

/** Whether a host is among the certificate's, as it was given: a name may begin with an asterisk. */
function isFor(certificate: X509Certificate, host: string): boolean {
  if (isIP(host) !== 0) return certificate.checkIP(host) !== undefined;
  return certificate.subjectAltName?.split(', ').includes(`DNS:${host}`) === true;
}

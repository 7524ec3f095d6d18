import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { type Authority, createAuthority, type KeyPair, openAuthority, systemMasters } from '@porch/apiserver';
import { type DataFiles, readIfThere, writePrivateFile } from './data-files.ts';

/** Certificates are renewed when less than this is left of them. */
const renewBeforeMs = 30 * 24 * 60 * 60 * 1000;

/** Names and addresses under which a server on this machine is always reached. */
const ownHosts = ['localhost', '127.0.0.1', '::1'];

/** Where the key and the certificate of the authority are kept. */
export interface AuthorityPlace {
  /** Undefined where there is none yet. */
  read(): Promise<KeyPair | undefined>;
  /** Keeps a pair unless there is one by now. Returns the one that is kept. */
  keep(pair: KeyPair): Promise<KeyPair>;
}

/** The data directory as such a place. */
export function authorityFiles(files: DataFiles): AuthorityPlace {
  return {
    read: () => readPair(files, 'ca'),
    async keep(pair) {
      await writePair(files, 'ca', pair);
      return pair;
    },
  };
}

/** What the server proves itself with. */
export interface ServingIdentity {
  readonly authority: Authority;
  readonly server: KeyPair;
}

/** The same, and what it believes. */
export interface Identity extends ServingIdentity {
  /** The administrator that the kubeconfig names. */
  readonly admin: KeyPair;
}

/**
 * The certificate authority and the server's certificate: made at the first start, kept afterwards, renewed before they end. The
 * server's certificate is made again when it does not cover all `hosts`.
 */
export async function openServing(
  files: DataFiles,
  place: AuthorityPlace,
  hosts: readonly string[],
  now: () => Date,
): Promise<ServingIdentity> {
  const authority = await openOrCreateAuthority(place, now);
  // `porch kubeconfig` reads it there, wherever the key is.
  await writePrivateFile(join(files.pki, 'ca.crt'), authority.certificate);
  const wanted = [...new Set([...ownHosts, ...hosts])];
  const server = await openOrIssue(files, 'server', now, covers(authority, wanted), () =>
    authority.issueServerCertificate({ hosts: wanted }),
  );
  return { authority, server };
}

/** The same, and the administrator's certificate, which is made and renewed likewise. */
export async function openIdentity(
  files: DataFiles,
  place: AuthorityPlace,
  hosts: readonly string[],
  now: () => Date,
): Promise<Identity> {
  const { authority, server } = await openServing(files, place, hosts, now);
  const admin = await openOrIssue(files, 'admin', now, covers(authority, []), () =>
    authority.issueClientCertificate({ name: 'admin', groups: [systemMasters] }),
  );
  return { authority, server, admin };
}

async function openOrCreateAuthority(place: AuthorityPlace, now: () => Date): Promise<Authority> {
  const pair = (await place.read()) ?? (await place.keep(await createAuthority({ name: 'porch', now })));
  return openAuthority(pair, now);
}

async function openOrIssue(
  files: DataFiles,
  name: string,
  now: () => Date,
  fits: (certificate: X509Certificate) => boolean,
  issue: () => Promise<KeyPair>,
): Promise<KeyPair> {
  const known = await readPair(files, name);
  if (known !== undefined) {
    const certificate = new X509Certificate(known.certificate);
    const left = Date.parse(certificate.validTo) - now().getTime();
    if (left > renewBeforeMs && fits(certificate)) return known;
  }
  const pair = await issue();
  await writePair(files, name, pair);
  return pair;
}

function covers(authority: Authority, hosts: readonly string[]): (certificate: X509Certificate) => boolean {
  const issuer = new X509Certificate(authority.certificate);
  return (certificate) =>
    certificate.verify(issuer.publicKey) &&
    hosts.every((host) => certificate.checkHost(host) !== undefined || certificate.checkIP(host) !== undefined);
}

async function readPair(files: DataFiles, name: string): Promise<KeyPair | undefined> {
  const certificate = await readIfThere(join(files.pki, `${name}.crt`));
  const key = await readIfThere(join(files.pki, `${name}.key`));
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
}

async function writePair(files: DataFiles, name: string, pair: KeyPair): Promise<void> {
  await writePrivateFile(join(files.pki, `${name}.key`), pair.key);
  await writePrivateFile(join(files.pki, `${name}.crt`), pair.certificate);
}

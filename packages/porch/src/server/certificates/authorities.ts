import { X509Certificate } from 'node:crypto';
import { type Authority, createAuthority, type KeyPair, openAuthority } from '@porch/apiserver';
import type { Logger } from 'pino';

const dayMs = 24 * 60 * 60 * 1000;

/** An authority has a successor when less than this is left of it. */
const succeedBeforeMs = 365 * dayMs;
/** How long before its end an authority no longer signs, so that clients have until then to learn of its successor. */
const signUntilMs = 180 * dayMs;
/** For how long a successor is at least shown before it signs, where so much is left of the one before. */
const shownMs = dayMs;

/** An authority that follows another one. */
export interface SuccessorAuthority extends KeyPair {
  /** From when it signs, RFC 3339. All who share it go by this. */
  readonly signsFrom: string;
}

/** The certificate authorities that are kept: the oldest that has not ended, and those that follow it in turn. */
export interface KeptAuthorities extends KeyPair {
  readonly successors?: readonly SuccessorAuthority[];
}

/** Where certificate authorities are kept. */
export interface AuthorityPlace {
  /** Undefined where there is none yet. */
  read(): Promise<KeptAuthorities | undefined>;
  /** Keeps `next` unless something else than `expected` is kept by now. Returns what is kept then. */
  replace(expected: KeptAuthorities | undefined, next: KeptAuthorities): Promise<KeptAuthorities>;
  /** Puts the key of the one that signs where people find it. Absent where keys may not lie in files. */
  showSigner?(signer: KeyPair): Promise<void>;
}

/** The certificate authorities at one moment. */
export interface CurrentAuthorities {
  /** The one that signs. */
  readonly signer: Authority;
  /** Certificates of all that are to be believed, PEM; the signer's first. */
  readonly bundle: string;
}

function endOf(pair: KeyPair): number {
  return Date.parse(new X509Certificate(pair.certificate).validTo);
}

/** From the oldest to the newest. The oldest has always signed. */
function inTurn({ successors = [], ...oldest }: KeptAuthorities): readonly SuccessorAuthority[] {
  return [{ ...oldest, signsFrom: new Date(0).toISOString() }, ...successors];
}

function kept([oldest, ...successors]: readonly SuccessorAuthority[]): KeptAuthorities | undefined {
  if (oldest === undefined) return undefined;
  const { certificate, key } = oldest;
  return { certificate, key, ...(successors.length === 0 ? {} : { successors }) };
}

/** What the kept authorities are for at a moment. At least one of them must not have ended. */
export function authoritiesAt(all: KeptAuthorities, now: () => Date): CurrentAuthorities {
  const valid = inTurn(all).filter((one) => endOf(one) > now().getTime());
  const signer = valid.findLast(({ signsFrom }) => Date.parse(signsFrom) <= now().getTime()) ?? valid[0];
  if (signer === undefined) throw new Error('all certificate authorities that are kept have ended');
  const others = valid.filter((one) => one !== signer);
  return {
    signer: openAuthority(signer, now),
    bundle: [signer, ...others].map(({ certificate }) => `${certificate.trim()}\n`).join(''),
  };
}

/**
 * The kept authorities and a new one after them. It signs from `signsFrom` (milliseconds since the epoch), but in any case a day before
 * the others end. Those that have ended are left out.
 */
export async function withSuccessor(
  all: KeptAuthorities | undefined,
  now: () => Date,
  signsFrom: (end: number) => number,
): Promise<KeptAuthorities> {
  const valid = all === undefined ? [] : inTurn(all).filter((one) => endOf(one) > now().getTime());
  const made = await createAuthority({ name: 'porch', now });
  const newest = valid.at(-1);
  const { certificate, key } = made;
  if (newest === undefined) return { certificate, key };
  const end = endOf(newest);
  const from = Math.max(now().getTime(), Math.min(signsFrom(end), end - dayMs));
  return kept([...valid, { certificate, key, signsFrom: new Date(from).toISOString() }]) ?? { certificate, key };
}

/**
 * The certificate authorities, made at the first start. Ten years they are valid; when less than a year is left, a successor is made
 * and shown beside the old one, which goes on to sign until half a year before its end and is believed to the end.
 */
export async function openAuthorities(
  place: AuthorityPlace,
  now: () => Date,
  logger: Logger,
): Promise<CurrentAuthorities> {
  const known = await place.read();
  const newest = known === undefined ? undefined : inTurn(known).at(-1);
  if (known !== undefined && newest !== undefined && endOf(newest) - now().getTime() > succeedBeforeMs) {
    return authoritiesAt(known, now);
  }
  const next = await withSuccessor(known, now, (end) => Math.max(end - signUntilMs, now().getTime() + shownMs));
  const all = await place.replace(known, next);
  const signsFrom = all.successors?.at(-1)?.signsFrom;
  if (signsFrom !== undefined) {
    logger.warn(
      { signsFrom },
      'the certificate authority will end within a year; its successor is in the new kubeconfigs, and older ones are good until it signs',
    );
  }
  return authoritiesAt(all, now);
}

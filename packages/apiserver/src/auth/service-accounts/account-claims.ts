import type { JWTPayload } from 'jose';

/** Who issues the tokens of service accounts: this server, and all others that share its authority. Their usual audience, too. */
export const accountIssuer = 'porch';

/** An object that tokens are bound to: they end with it. */
export interface BoundObject {
  readonly name: string;
  readonly uid: string;
}

/** Whose a token of a service account is. */
export interface AccountClaims {
  readonly namespace: string;
  readonly account: BoundObject;
  /** The Secret that it ends with, in the same namespace; undefined for none. */
  readonly secret: BoundObject | undefined;
}

/** The claim of Kubernetes' own, in its tokens. */
const claim = 'kubernetes.io';

/** The claims of a token as Kubernetes writes them. */
export function claimsOfAccount({ namespace, account, secret }: AccountClaims): JWTPayload {
  return {
    sub: accountUserName(namespace, account.name),
    [claim]: { namespace, serviceaccount: account, ...(secret === undefined ? {} : { secret }) },
  };
}

/** What the claims of a verified token say. @throws Error for those that `claimsOfAccount` has not made */
export function accountOfClaims(claims: JWTPayload): AccountClaims {
  const { namespace, serviceaccount, secret } = (claims[claim] ?? {}) as Record<string, unknown>;
  if (typeof namespace !== 'string' || !isBound(serviceaccount)) throw new Error('a token names no service account');
  return { namespace, account: serviceaccount, secret: isBound(secret) ? secret : undefined };
}

function isBound(value: unknown): value is BoundObject {
  const { name, uid } = (value ?? {}) as Partial<Record<string, unknown>>;
  return typeof name === 'string' && typeof uid === 'string';
}

/** What the names of all service accounts as users begin with. */
export const accountPrefix = 'system:serviceaccount:';

/** The user that a service account is. */
export function accountUserName(namespace: string, name: string): string {
  return `${accountPrefix}${namespace}:${name}`;
}

/** The groups that it is in, as everywhere in Kubernetes. */
export function accountGroups(namespace: string): readonly string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}

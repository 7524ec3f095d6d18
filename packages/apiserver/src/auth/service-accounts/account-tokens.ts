import { createHash, createPrivateKey, randomUUID, X509Certificate } from 'node:crypto';
import { createLocalJWKSet, type JWK, SignJWT } from 'jose';
import { statusErrors } from '../../meta/status.ts';
import { certificatePattern, type KeyPair } from '../certificates.ts';
import { issuerOf, type KeySet, refusalOf, verifiedClaims } from '../jwt/verified-claims.ts';
import type { ReviewedToken, TokenSource } from '../tokens/token-source.ts';
import {
  type AccountClaims,
  accountGroups,
  accountIssuer,
  accountOfClaims,
  accountUserName,
  type BoundObject,
  claimsOfAccount,
} from './account-claims.ts';

/** The key of an authority of this library is one of ECDSA P-256. */
const algorithm = 'ES256';
const credentialId = 'authentication.kubernetes.io/credential-id';

/** What tokens are signed with, and which are taken. */
export interface AccountAuthority {
  /** Signs new ones. */
  readonly signer: KeyPair;
  /** Certificates, PEM, of those whose tokens are good; the signer's among them. */
  readonly bundle: string;
}

/** What a token can be bound to. */
export type BindablePlural = 'serviceaccounts' | 'secrets';

/** What the tokens of service accounts are made of. */
export interface AccountTokensOptions {
  /** The authority as it is now: another one may come. */
  readonly authority: () => AccountAuthority;
  /** The uid of an object, as far as this server has seen; undefined where there is none, or it is being deleted. */
  readonly uidOf: (plural: BindablePlural, namespace: string, name: string) => string | undefined;
  /** Waits until this server has seen what others have acknowledged; undefined where there are no others. Rejects when that takes too long. */
  readonly current: () => Promise<void> | undefined;
  readonly clock: () => Date;
}

/** A token that is wanted. */
export interface WantedToken extends AccountClaims {
  readonly audiences: readonly string[];
  readonly seconds: number;
}

/**
 * Tokens of service accounts, as Kubernetes has them: signed, so that nothing is stored, good until they end, or until the account or the
 * Secret that they are bound to is no more.
 */
export class AccountTokens implements TokenSource {
  readonly #options: AccountTokensOptions;
  #keys: { readonly bundle: string; readonly set: KeySet } | undefined;

  constructor(options: AccountTokensOptions) {
    this.#options = options;
  }

  /** Makes a token, and tells when it ends. */
  async issue(wanted: WantedToken): Promise<{ readonly token: string; readonly end: Date }> {
    const { signer } = this.#options.authority();
    const now = Math.floor(this.#options.clock().getTime() / 1000);
    const exp = now + wanted.seconds;
    const times = { iat: now, nbf: now, exp };
    const names = { iss: accountIssuer, aud: [...wanted.audiences], jti: randomUUID() };
    const token = await new SignJWT({ ...names, ...times, ...claimsOfAccount(wanted) })
      .setProtectedHeader({ alg: algorithm, kid: keyId(new X509Certificate(signer.certificate)) })
      .sign(createPrivateKey(signer.key));
    return { token, end: new Date(exp * 1000) };
  }

  /** The uid of an object that a token is to be bound to; undefined where there is none that stays. Another server may have made it just now. */
  async uidOf(plural: BindablePlural, namespace: string, name: string): Promise<string | undefined> {
    await this.#options.current();
    return this.#options.uidOf(plural, namespace, name);
  }

  async userOf(token: string) {
    return (await this.userFor(token, [accountIssuer]))?.user;
  }

  async userFor(token: string, audiences: readonly string[]): Promise<ReviewedToken | undefined> {
    if (issuerOf(token) !== accountIssuer) return undefined;
    const claims = await this.#verified(token, audiences);
    const { namespace, account, secret } = accountOfClaims(claims);
    await this.#require('serviceaccounts', namespace, account);
    if (secret !== undefined) await this.#require('secrets', namespace, secret);
    const meant = new Set([claims.aud ?? []].flat());
    return {
      user: {
        name: accountUserName(namespace, account.name),
        uid: account.uid,
        groups: accountGroups(namespace),
        extra: { [credentialId]: [`JTI=${claims.jti}`] },
      },
      audiences: audiences.filter((audience) => meant.has(audience)),
    };
  }

  async #verified(token: string, audiences: readonly string[]) {
    const expected = { issuer: accountIssuer, audience: [...audiences], algorithms: [algorithm] };
    try {
      return await verifiedClaims(this.#keySet(), token, { ...expected, currentDate: this.#options.clock() });
    } catch (error) {
      throw refusalOf(error) ?? error;
    }
  }

  async #require(plural: BindablePlural, namespace: string, { name, uid }: BoundObject): Promise<void> {
    if (this.#options.uidOf(plural, namespace, name) === uid) return;
    if ((await this.uidOf(plural, namespace, name)) === uid) return;
    const what = plural === 'secrets' ? 'Secret' : 'service account';
    throw statusErrors.unauthorized(
      `Unauthorized: the ${what} ${namespace}/${name} that the token is bound to is gone`,
    );
  }

  #keySet(): KeySet {
    const { bundle } = this.#options.authority();
    if (this.#keys?.bundle !== bundle) this.#keys = { bundle, set: keySetOf(bundle) };
    return this.#keys.set;
  }
}

function keySetOf(bundle: string): KeySet {
  const certificates = bundle.match(certificatePattern) ?? [];
  const keys = certificates.map((text): JWK => {
    const certificate = new X509Certificate(text);
    return { ...certificate.publicKey.export({ format: 'jwk' }), kid: keyId(certificate), alg: algorithm } as JWK;
  });
  return createLocalJWKSet({ keys });
}

function keyId({ publicKey }: X509Certificate): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
}

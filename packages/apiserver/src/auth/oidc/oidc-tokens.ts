import { errors, type JWTPayload, type JWTVerifyOptions } from 'jose';
import { statusErrors } from '../../meta/status.ts';
import { AnswerCache } from '../delegated/answer-cache.ts';
import { issuerOf, type KeySet, refusalOf, verifiedClaims } from '../jwt/verified-claims.ts';
import type { TokenSource } from '../tokens/token-source.ts';
import type { UserInfo } from '../user.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { type ClaimMapping, UnusableClaimsError, userOfClaims } from './user-of-claims.ts';

/** For how long a token that was checked is not checked again, in milliseconds, and how many of them are remembered. */
const rememberedMs = 10_000;
const mostRemembered = 4096;

/** Which tokens are taken. */
export interface OidcTokensOptions {
  /** Who issues them, as their claim `iss` says it. */
  readonly issuer: string;
  /** Whom they are for (`aud`). */
  readonly clientId: string;
  /** Algorithms of their signature, by their names in RFC 7518. */
  readonly algorithms: readonly string[];
  readonly claims: ClaimMapping;
  readonly keys: IssuerKeys;
  /** The time. */
  readonly clock: () => Date;
  /** Milliseconds, of a clock that never goes back. */
  readonly now: () => number;
}

interface Verified {
  readonly user: UserInfo;
  /** When the token ends, in milliseconds since the epoch. */
  readonly until: number;
}

/** Users by ID tokens of an OpenID Connect issuer, as kube-apiserver takes them. Tokens of others are left to others. */
export function createOidcTokens(options: OidcTokensOptions): TokenSource {
  const { issuer, clientId, algorithms, clock, now } = options;
  const cache = new AnswerCache<Verified>({
    limit: mostRemembered,
    ttlMs: ({ until }) => Math.min(rememberedMs, until - clock().getTime()),
    now,
  });
  const verify = async (token: string): Promise<Verified> => {
    const expected = { issuer, audience: clientId, algorithms: [...algorithms], currentDate: clock() };
    try {
      const claims = await claimsOf(token, options.keys, expected);
      return { user: userOfClaims(claims, options.claims), until: (claims.exp ?? 0) * 1000 };
    } catch (error) {
      if (error instanceof UnusableClaimsError) throw statusErrors.unauthorized(`Unauthorized: ${error.message}`);
      throw refusalOf(error) ?? error;
    }
  };
  return {
    async userOf(token) {
      if (issuerOf(token) !== issuer) return undefined;
      return (await cache.answer(token, () => verify(token))).user;
    },
  };
}

async function claimsOf(token: string, keys: IssuerKeys, expected: JWTVerifyOptions): Promise<JWTPayload> {
  const known = await keys.current();
  try {
    return await verifiedClaims(present(known), token, expected);
  } catch (error) {
    // The issuer may have a new key, also under the name of the one before, or without any.
    const isOfOtherKey =
      error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed;
    if (!isOfOtherKey) throw error;
    const renewed = await keys.renewed();
    if (renewed === known) throw error;
    return await verifiedClaims(present(renewed), token, expected);
  }
}

function present(keys: KeySet | undefined): KeySet {
  if (keys === undefined) throw statusErrors.unauthorized('Unauthorized: the keys of the issuer cannot be read');
  return keys;
}

import { decodeJwt, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import { statusErrors } from '../../meta/status.ts';
import { AnswerCache } from '../delegated/answer-cache.ts';
import type { TokenSource } from '../tokens/token-source.ts';
import type { UserInfo } from '../user.ts';
import type { IssuerKeySet, IssuerKeys } from './issuer-keys.ts';
import { type ClaimMapping, UnusableClaimsError, userOfClaims } from './user-of-claims.ts';

/** For how long a token that was checked is not checked again, in milliseconds, and how many of them are remembered. */
const rememberedMs = 10_000;
const mostRemembered = 4096;
/** By how many seconds the clock of the issuer may differ. */
const clockToleranceSeconds = 10;

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
  const expected = (): JWTVerifyOptions => ({
    issuer,
    audience: clientId,
    algorithms: [...algorithms],
    requiredClaims: ['exp'],
    clockTolerance: clockToleranceSeconds,
    currentDate: clock(),
  });
  const verify = async (token: string): Promise<Verified> => {
    try {
      const claims = await verifiedClaims(token, options.keys, expected());
      return { user: userOfClaims(claims, options.claims), until: (claims.exp ?? 0) * 1000 };
    } catch (error) {
      throw refusal(error);
    }
  };
  return {
    async userOf(token) {
      if (issuerOf(token) !== issuer) return undefined;
      return (await cache.answer(token, () => verify(token))).user;
    },
  };
}

/** Whom a token says it is from; undefined for what is no token of this kind. Nothing is checked yet. */
function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

async function verifiedClaims(token: string, keys: IssuerKeys, expected: JWTVerifyOptions): Promise<JWTPayload> {
  const known = await keys.current();
  try {
    return await verifiedBy(known, token, expected);
  } catch (error) {
    // The issuer may have a new key.
    if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    const renewed = await keys.renewed();
    if (renewed === known) throw error;
    return await verifiedBy(renewed, token, expected);
  }
}

async function verifiedBy(
  keys: IssuerKeySet | undefined,
  token: string,
  expected: JWTVerifyOptions,
): Promise<JWTPayload> {
  if (keys === undefined) throw statusErrors.unauthorized('Unauthorized: the keys of the issuer cannot be read');
  try {
    return (await jwtVerify(token, keys, expected)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    // The token does not say which of them it is.
    for await (const key of error) {
      try {
        return (await jwtVerify(token, key, expected)).payload;
      } catch (failure) {
        if (!(failure instanceof errors.JWSSignatureVerificationFailed)) throw failure;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

/** What its owner is told of a token that is no good; of those that the issuer has not signed nothing. */
function refusal(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return statusErrors.unauthorized('Unauthorized: the token has expired');
  if (error instanceof errors.JWTClaimValidationFailed) {
    return statusErrors.unauthorized(`Unauthorized: claim ${error.claim} of the token is not as it has to be`);
  }
  if (error instanceof UnusableClaimsError) return statusErrors.unauthorized(`Unauthorized: ${error.message}`);
  if (error instanceof errors.JOSEError) return statusErrors.unauthorized();
  return error;
}

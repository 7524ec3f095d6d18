import { type createLocalJWKSet, decodeJwt, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import { type StatusError, statusErrors } from '../../meta/status.ts';

/** Public keys, by what a token says of its key. */
export type KeySet = ReturnType<typeof createLocalJWKSet>;

/** By how many seconds the clock of whoever has signed a token may differ. */
const clockToleranceSeconds = 10;

/** Whom a token says it is from; undefined for what is no JSON Web Token. Nothing is checked yet. */
export function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

/**
 * The claims of a token that one of the keys has signed, and that is as expected.
 * @throws JOSEError for all others
 */
export async function verifiedClaims(keys: KeySet, token: string, expected: JWTVerifyOptions): Promise<JWTPayload> {
  const options = { requiredClaims: ['exp'], clockTolerance: clockToleranceSeconds, ...expected };
  try {
    return (await jwtVerify(token, keys, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    // The token does not say which of them it is.
    for await (const key of error) {
      try {
        return (await jwtVerify(token, key, options)).payload;
      } catch (failure) {
        if (!(failure instanceof errors.JWSSignatureVerificationFailed)) throw failure;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

/**
 * What whoever shows a token is told, where `verifiedClaims` does not take it: what is wrong with those that were signed with one of the
 * keys, and of all others nothing. Undefined for errors of other kinds.
 */
export function refusalOf(error: unknown): StatusError | undefined {
  if (error instanceof errors.JWTExpired) return statusErrors.unauthorized('Unauthorized: the token has expired');
  if (error instanceof errors.JWTClaimValidationFailed) {
    return statusErrors.unauthorized(`Unauthorized: claim ${error.claim} of the token is not as it has to be`);
  }
  return error instanceof errors.JOSEError ? statusErrors.unauthorized() : undefined;
}

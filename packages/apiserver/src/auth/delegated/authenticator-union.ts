import { StatusError, statusErrors } from '../../meta/status.ts';
import type { Authenticator } from '../authenticators.ts';
import { anonymous } from '../user.ts';

/**
 * Asks each authenticator in turn, as the union of the Go library does: an identity counts whatever others made of the request,
 * and bad credentials end with 401 only when nobody knows an identity. A request without any credentials is anonymous. What keeps
 * credentials from being checked refuses access too, and is told to `onFailure`.
 */
export function createAuthenticatorUnion(
  authenticators: readonly Authenticator[],
  onFailure: (error: unknown) => void,
): Authenticator {
  return {
    async authenticate(request) {
      let refusal: StatusError | undefined;
      for (const authenticator of authenticators) {
        try {
          const user = await authenticator.authenticate(request);
          if (user !== undefined) return user;
        } catch (error) {
          if (!(error instanceof StatusError)) onFailure(error);
          refusal ??= error instanceof StatusError ? error : statusErrors.unauthorized();
        }
      }
      if (refusal !== undefined) throw refusal;
      return anonymous;
    },
  };
}

import { statusErrors } from '../meta/status.ts';
import type { Authorizer } from './authorizer.ts';
import { anonymous } from './user.ts';

/**
 * Asks for credentials, with 401, where a request without any is denied: what somebody may do who says who they are is not known
 * yet. All others hear what they are denied.
 */
export function askingForCredentials(authorizer: Authorizer): Authorizer {
  return {
    async authorize(user, attributes, signal) {
      const decision = await authorizer.authorize(user, attributes, signal);
      if (!decision.allowed && user === anonymous) throw statusErrors.unauthorized();
      return decision;
    },
  };
}

import { statusErrors } from '../../meta/status.ts';
import { type Authenticator, withAuthenticatedGroup } from '../authenticators.ts';
import type { TokenSource } from './token-source.ts';

/** Longest token that is looked at. */
const maxTokenLength = 16 * 1024;

/** Identities from `Authorization: Bearer …`. A token that nobody knows ends with 401. */
export function createBearerAuthenticator(sources: readonly TokenSource[]): Authenticator {
  return {
    async authenticate({ headers }) {
      const [scheme = '', ...rest] = (headers.authorization ?? '').trim().split(/ +/);
      const token = rest.join(' ');
      if (scheme.toLowerCase() !== 'bearer' || token === '') return undefined;
      if (token.length <= maxTokenLength) {
        for (const source of sources) {
          const user = await source.userOf(token);
          if (user !== undefined) return withAuthenticatedGroup(user);
        }
      }
      throw statusErrors.unauthorized();
    },
  };
}

import { createHash } from 'node:crypto';

/**
 * What is kept of a token, so that nobody who reads the memory or the file of a server can use it. Tokens are long and
 * random, so a plain hash does; and as it is the digest that is looked up, the time that takes says nothing of the token.
 */
export function tokenDigest(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('base64url');
}

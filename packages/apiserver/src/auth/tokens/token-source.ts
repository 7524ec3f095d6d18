import type { UserInfo } from '../user.ts';

/** Knows whose some tokens are. */
export interface TokenSource {
  /**
   * The user of a token; undefined for a token that it does not know. Costs the same for good and for bad tokens.
   * @throws StatusError 401 that says why one of its own is no good
   */
  userOf(token: string): Promise<UserInfo | undefined>;
}

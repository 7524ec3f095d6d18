import type { UserInfo } from '../user.ts';

/** Whose a token is, and for whom. */
export interface ReviewedToken {
  readonly user: UserInfo;
  /** Those of the audiences asked for that the token is meant for. */
  readonly audiences: readonly string[];
}

/** Knows whose some tokens are. */
export interface TokenSource {
  /**
   * The user of a token; undefined for a token that it does not know. Costs the same for good and for bad tokens.
   * @throws StatusError 401 that says why one of its own is no good
   */
  userOf(token: string): Promise<UserInfo | undefined>;
  /** The same of a token that is meant for one of these audiences. Absent where all tokens are meant for this server. */
  userFor?(token: string, audiences: readonly string[]): Promise<ReviewedToken | undefined>;
}

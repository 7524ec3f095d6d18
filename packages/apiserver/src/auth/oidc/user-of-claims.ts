import type { UserInfo } from '../user.ts';

/** Which claims of a token say who somebody is; as the flags of kube-apiserver. */
export interface ClaimMapping {
  readonly usernameClaim: string;
  /** Put before the name. */
  readonly usernamePrefix: string;
  /** Claim with one group or a list of them; empty for none. */
  readonly groupsClaim: string;
  /** Put before each group. */
  readonly groupsPrefix: string;
  /** Claims that must be there with these values. */
  readonly requiredClaims: Readonly<Record<string, string>>;
}

/** A token whose claims name nobody who may come in. Its message says why. */
export class UnusableClaimsError extends Error {
  override readonly name = 'UnusableClaimsError';
}

/** Names that only the server itself gives: `system:masters` may do everything. */
const reserved = 'system:';

/**
 * The user that the claims of a verified token name. A user name that is an e-mail address counts unless the token says that it was not
 * verified.
 * @throws UnusableClaimsError
 */
export function userOfClaims(claims: Readonly<Record<string, unknown>>, mapping: ClaimMapping): UserInfo {
  for (const [claim, value] of Object.entries(mapping.requiredClaims)) {
    if (claims[claim] !== value) throw new UnusableClaimsError(`claim ${claim} is not ${JSON.stringify(value)}`);
  }
  const name = claims[mapping.usernameClaim];
  if (typeof name !== 'string' || name === '') {
    throw new UnusableClaimsError(`claim ${mapping.usernameClaim} is not the name of a user`);
  }
  const { email_verified: verified } = claims;
  if (mapping.usernameClaim === 'email' && verified !== undefined && verified !== true) {
    throw new UnusableClaimsError('the e-mail address is not verified');
  }
  return {
    name: unreserved(`${mapping.usernamePrefix}${name}`, `claim ${mapping.usernameClaim}`),
    groups: groupsOf(claims, mapping),
  };
}

function groupsOf(claims: Readonly<Record<string, unknown>>, { groupsClaim, groupsPrefix }: ClaimMapping): string[] {
  const value = groupsClaim === '' ? undefined : claims[groupsClaim];
  // Some issuers write an empty list so.
  if (value === undefined || value === null) return [];
  const groups: readonly unknown[] = Array.isArray(value) ? value : [value];
  return groups.map((group) => {
    if (typeof group === 'string') return unreserved(`${groupsPrefix}${group}`, `claim ${groupsClaim}`);
    throw new UnusableClaimsError(`claim ${groupsClaim} is neither the name of a group nor a list of them`);
  });
}

function unreserved(name: string, where: string): string {
  if (!name.startsWith(reserved)) return name;
  throw new UnusableClaimsError(`${where} gives ${JSON.stringify(name)}: names with ${reserved} are the server's own`);
}

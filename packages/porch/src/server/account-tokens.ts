import { AccountTokens, type AccountTokensOptions, type WatchCache } from '@porch/apiserver';
import type { Clock } from '../cache/clock.ts';
import type { Identity } from './certificates/identity.ts';
import type { Renewed } from './certificates/renewed.ts';

/** The uids of what tokens of service accounts are bound to. */
export function accountUids(objects: WatchCache): AccountTokensOptions['uidOf'] {
  return (resource, namespace, name) => objects.get({ resource, namespace, name })?.uid;
}

/** Tokens of service accounts, signed by the authority of the certificates: all servers that share it take them. */
export function accountTokens(objects: WatchCache, certificates: Renewed<Identity>, clock: Clock): AccountTokens {
  return new AccountTokens({ authority: () => certificates.current, uidOf: accountUids(objects), clock });
}

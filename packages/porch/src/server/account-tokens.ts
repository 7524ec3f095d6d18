import { AccountTokens, untilCurrent, type WatchCache } from '@porch/apiserver';
import type { Clock } from '../cache/clock.ts';
import type { Identity } from './certificates/identity.ts';
import type { Renewed } from './certificates/renewed.ts';

/** Nobody is told when whoever asks has left: the wait is short. */
const never = new AbortController().signal;

/** Tokens of service accounts, signed by the authority of the certificates: all servers that share it take them. */
export function accountTokens(objects: WatchCache, certificates: Renewed<Identity>, clock: Clock): AccountTokens {
  return new AccountTokens({
    authority: () => certificates.current,
    uidOf: (resource, namespace, name) => objects.get({ resource, namespace, name })?.uid,
    current: () => untilCurrent(objects, never),
    clock,
  });
}

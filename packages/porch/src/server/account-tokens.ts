import { AccountTokens, isBeingDeleted, untilCurrent, type WatchCache } from '@porch/apiserver';
import type { Clock } from '../cache/clock.ts';
import type { Identity } from './certificates/identity.ts';
import type { Renewed } from './certificates/renewed.ts';

/** Nobody is told when whoever asks has left: the wait is short. */
const never = new AbortController().signal;

/** Tokens of service accounts, signed by the authority of the certificates: all servers that share it take them. */
export function accountTokens(objects: WatchCache, certificates: Renewed<Identity>, clock: Clock): AccountTokens {
  return new AccountTokens({
    authority: () => certificates.current,
    uidOf(resource, namespace, name) {
      const served = objects.get({ resource, namespace, name });
      // What is being deleted gives nobody access any more, whatever its finalizers still wait for.
      return served === undefined || isBeingDeleted(served) ? undefined : served.uid;
    },
    current: () => untilCurrent(objects, never),
    clock,
  });
}

import { AccountTokens, type ObjectMeta, type ServedObject, untilCurrent, type WatchCache } from '@porch/apiserver';
import type { Clock } from '../cache/clock.ts';
import type { Identity } from './certificates/identity.ts';
import type { Renewed } from './certificates/renewed.ts';

/** Nobody is told when whoever asks has left: the wait is short. */
const never = new AbortController().signal;

/** What is being deleted gives nobody access any more, whatever its finalizers still wait for. */
function isLeaving({ bytes, metadataStart, metadataEnd }: ServedObject): boolean {
  const metadata = JSON.parse(bytes.toString('utf8', metadataStart, metadataEnd)) as ObjectMeta;
  return metadata.deletionTimestamp !== undefined;
}

/** Tokens of service accounts, signed by the authority of the certificates: all servers that share it take them. */
export function accountTokens(objects: WatchCache, certificates: Renewed<Identity>, clock: Clock): AccountTokens {
  return new AccountTokens({
    authority: () => certificates.current,
    uidOf(resource, namespace, name) {
      const served = objects.get({ resource, namespace, name });
      return served === undefined || isLeaving(served) ? undefined : served.uid;
    },
    current: () => untilCurrent(objects, never),
    clock,
  });
}

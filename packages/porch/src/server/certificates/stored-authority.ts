import { isDeepStrictEqual } from 'node:util';
import { type ObjectKey, PreconditionFailedError, type ServedObject } from '@porch/apiserver';
import { authorities, putRecord } from '../../cache/records.ts';
import { decodeRecord } from '../../cache/revision-cache.ts';
import type { ServerState } from '../open-state.ts';
import type { AuthorityPlace, KeptAuthorities } from './authorities.ts';

/** Key of the record that holds them. */
export const authorityKey: ObjectKey = { resource: authorities, namespace: '', name: 'ca' };

/** How long to wait until what another server has written is seen, in milliseconds. */
const seenMs = 10_000;

/**
 * The database as the place of the certificate authorities: whoever comes first makes one, and all servers on the database have the
 * same, so that a client which believes one, or is believed by one, gets on with all of them.
 */
export function storedAuthority({ store, objects }: Pick<ServerState, 'store' | 'objects'>): AuthorityPlace {
  const kept = (served: ServedObject | undefined): KeptAuthorities | undefined =>
    served === undefined ? undefined : decodeRecord<KeptAuthorities>(served);
  const read = (): KeptAuthorities | undefined => kept(objects.get(authorityKey));
  return {
    read: async () => read(),
    async replace(expected, next) {
      const served = objects.get(authorityKey);
      const now = kept(served);
      if (now !== undefined && !isDeepStrictEqual(now, expected)) return now;
      try {
        await store.commit({ operations: [putRecord(authorityKey, next, served?.revision ?? 0)] });
        return next;
      } catch (error) {
        if (!(error instanceof PreconditionFailedError)) throw error;
        const latest = await objects.latestRevision?.();
        if (latest !== undefined) await objects.reached(latest, AbortSignal.timeout(seenMs));
        const theirs = read();
        if (theirs === undefined) throw error;
        return theirs;
      }
    },
  };
}

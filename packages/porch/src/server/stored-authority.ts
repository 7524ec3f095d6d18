import { type KeyPair, type ObjectKey, PreconditionFailedError } from '@porch/apiserver';
import { authorities, putRecord, recordOf } from '../cache/records.ts';
import type { AuthorityPlace } from './identity.ts';
import type { ServerState } from './open-state.ts';

/** Key of the record that holds it. */
export const authorityKey: ObjectKey = { resource: authorities, namespace: '', name: 'ca' };

/**
 * The database as the place of the certificate authority: whoever comes first makes it, and all servers on the database have the same,
 * so that a client which believes one, or is believed by one, gets on with all of them.
 */
export function storedAuthority({ store, objects }: Pick<ServerState, 'store' | 'objects'>): AuthorityPlace {
  const read = (): KeyPair | undefined => {
    const served = objects.get(authorityKey);
    return served === undefined ? undefined : recordOf<KeyPair>({ value: served.bytes.toString() });
  };
  return {
    read: async () => read(),
    async keep(pair) {
      try {
        await store.commit({ operations: [putRecord(authorityKey, pair, 0)] });
        return pair;
      } catch (error) {
        const kept = read();
        if (!(error instanceof PreconditionFailedError) || kept === undefined) throw error;
        return kept;
      }
    },
  };
}

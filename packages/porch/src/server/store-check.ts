import type { Store } from '@porch/apiserver';
import type { Logger } from 'pino';

/**
 * Finds out whether the store takes writes.
 * @returns what rejects where it does not; why is for the log only: it names hosts, and anybody may ask how a process is
 */
export function storeCheck(store: Pick<Store, 'commit'>, logger: Pick<Logger, 'warn'>): () => Promise<void> {
  return async () => {
    try {
      await store.commit({ operations: [] });
    } catch (error) {
      logger.warn({ err: error }, 'health check failed');
      throw new Error('the database does not answer; the log says why', { cause: error });
    }
  };
}

import type { Logger } from 'pino';
import type { CompactedStore } from '../store.ts';
import type { EncryptionOptions, RetentionOptions } from '../store-options.ts';

/** What `openSqliteStore` takes. */
export interface SqliteStoreOptions {
  /** Holds `store.db` and its companions; created with mode 0700 when missing. */
  readonly directory: string;
  readonly logger?: Pick<Logger, 'info' | 'error' | 'fatal'>;
  readonly encryption?: EncryptionOptions;
  /**
   * Begins an empty store after the history of another one, whose revision this is: the counter starts far beyond, so that no revision
   * means two things. A store that has a history is refused with StoreNotEmptyError.
   */
  readonly continuesAfter?: number;
  /** Default: one hour, 100 000 entries. */
  readonly retention?: RetentionOptions;
  /** Hears of each compaction that removed something. */
  readonly onCompacted?: (removed: CompactedStore) => void;
  /** Hears how many write sets shared a sync to disk, for each. */
  readonly onGroup?: (writeSets: number) => void;
  /**
   * Called once when the disk fails or the store's thread dies; the store is unusable then and the process should end.
   * Default: logs the error and exits with code 1.
   */
  readonly onFatal?: (error: Error) => void;
}

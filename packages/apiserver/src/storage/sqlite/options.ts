import type { Logger } from 'pino';

/** Values of these resources are encrypted with AES-256-GCM before they are written. */
export interface EncryptionOptions {
  /** 32 bytes, kept by the caller outside the database. */
  readonly key: Buffer;
  /** Group resources: `secrets`. */
  readonly resources: ReadonlySet<string>;
}

/** How far back the change log reaches; whatever is older or beyond the count is compacted in the background. */
export interface RetentionOptions {
  readonly maxAgeMs: number;
  readonly maxEntries: number;
}

/** What `openSqliteStore` takes. */
export interface SqliteStoreOptions {
  /** Holds `store.db` and its companions; created with mode 0700 when missing. */
  readonly directory: string;
  readonly logger?: Pick<Logger, 'info' | 'error' | 'fatal'>;
  readonly encryption?: EncryptionOptions;
  /** Default: one hour, 100 000 entries. */
  readonly retention?: RetentionOptions;
  /**
   * Called once when the disk fails or the store's thread dies; the store is unusable then and the process should end.
   * Default: logs the error and exits with code 1.
   */
  readonly onFatal?: (error: Error) => void;
}

export const defaultRetention: RetentionOptions = { maxAgeMs: 3_600_000, maxEntries: 100_000 };

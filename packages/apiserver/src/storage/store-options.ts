/** Values of these resources are encrypted with AES-256-GCM before they are written. */
export interface EncryptionOptions {
  /** 32 bytes, kept by the caller outside the database. */
  readonly key: Uint8Array;
  /** Group resources: `secrets`. */
  readonly resources: ReadonlySet<string>;
}

/** How far back the change log reaches; whatever is older or beyond the count is compacted in the background. */
export interface RetentionOptions {
  readonly maxAgeMs: number;
  readonly maxEntries: number;
  /** Milliseconds between two compactions; the driver has a default. */
  readonly everyMs?: number;
}

/** One hour, 100 000 entries. */
export const defaultRetention: RetentionOptions = { maxAgeMs: 3_600_000, maxEntries: 100_000 };
